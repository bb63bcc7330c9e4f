"""Month names, by hand, in the languages of the documents we read; folded, full and short.

>>> MONTHS["marz"], MONTHS["aout"], MONTHS["sept"]
(3, 8, 9)
"""

from __future__ import annotations

# One line a month: en de fr es it nl pt pl sv/da/nb fi cs hu ro; forms without accents (`fold`).
_LINES = (
    "january jan januar janner jaenner janvier janv enero ene gennaio gen januari janeiro stycznia "
    "styczen sty januaari tammikuuta tammikuu ledna leden ianuarie ian gener",
    "february feb februar feber fevrier fevr fev febrero febbraio februari fevereiro lutego luty "
    "lut helmikuuta helmikuu unora unor februarie febr febrer",
    "march mar marz maerz mrz mars marzo maart mrt marco marca marzec mars maaliskuuta maaliskuu "
    "brezna brezen martie marts marc",
    "april apr avril avr abril abr aprile kwietnia kwiecien kwi huhtikuuta huhtikuu dubna duben "
    "aprilie",
    "may mai mayo maggio mag mei maio maja maj toukokuuta toukokuu kvetna kveten maig",
    "june jun juni juin junio giugno giu junho czerwca czerwiec cze kesakuuta kesakuu cervna "
    "cerven iunie iun juny",
    "july jul juli juil juillet julio luglio lug julho lipca lipiec lip heinakuuta heinakuu "
    "cervence cervenec iulie iul juliol",
    "august aug aout agosto ago augustus sierpnia sierpien sie augusti elokuuta elokuu srpna "
    "srpen agost",
    "september sep sept septembre septiembre settembre set setembro wrzesnia wrzesien wrz "
    "syyskuuta syyskuu zari septembrie setiembre",
    "october oct oktober okt octobre octubre ottobre ott outubro out pazdziernika pazdziernik paz "
    "lokakuuta lokakuu rijna rijen octombrie",
    "november nov novembre noviembre novembro listopada listopad lis marraskuuta marraskuu "
    "noiembrie",
    "december dec dezember dez decembre diciembre dic dicembre dezembro grudnia grudzien gru "
    "joulukuuta joulukuu prosince prosinec decembrie desember des desembre",
)
MONTHS = {name: number for number, line in enumerate(_LINES, 1) for name in line.split()}

# Words that stand around a written date and say nothing more about it.
FILLERS = frozenset(
    "of the this day de del di do d da du le el il den der dem am vom the on dated date st nd rd "
    "th er o a year anno roku an in mon tue tues wed weds thu thur thurs fri sat sun monday "
    "tuesday wednesday thursday friday saturday sunday mo di mi do fr sa so montag dienstag "
    "mittwoch donnerstag freitag samstag sonntag sonnabend lundi mardi mercredi jeudi vendredi "
    "samedi dimanche lunes martes miercoles jueves viernes sabado domingo lunedi martedi mercoledi "
    "giovedi venerdi sabato domenica maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma "
    "di wo vr za zo segunda terca quarta quinta sexta feira segunda-feira terca-feira quarta-feira "
    "quinta-feira sexta-feira lun mer jeu ven sam dim mie jue vie dom gio e ste r as".split()
)
