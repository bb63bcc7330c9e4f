{% macro as_of() -%}
CAST('{{ var("as_of", run_started_at.strftime("%Y-%m-%d")) }}' AS DATE)
{%- endmacro %}

{% macro from_date() -%}
CAST('{{ var("from_date", (run_started_at - modules.datetime.timedelta(days=365)).strftime("%Y-%m-%d")) }}' AS DATE)
{%- endmacro %}
