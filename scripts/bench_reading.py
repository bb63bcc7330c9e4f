#!/usr/bin/env python3
"""Measures reading beside its peers in one run: speed, word quality, memory.

    python scripts/bench_reading.py text | xml | receipts | forms | damage | cores | memory | all

`--data` is a folder with labelled documents (``dev/<set>/gold.jsonl``), `--step` takes every n-th.
Times are processor seconds of this process and its children, so that a busy machine distorts them
little; ratios to the peer of the same run say more than the figures themselves.
"""

# ruff: noqa: E501 (lines of figures are long)

from __future__ import annotations

import argparse
import io
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

from idp_cdi.documents import Document, Page  # noqa: E402
from idp_cdi.ocr import OcrOptions, read_image  # noqa: E402
from idp_cdi.readers import ReadOptions, read, read_many  # noqa: E402

os.environ["OMP_THREAD_LIMIT"] = "1"
# "Tesseract alone" is what an installation without the extras reads.
EFFORTS = {
    "normal, Tesseract alone": ReadOptions(ocr="tesseract", threads=1),
    "fast": ReadOptions(effort="fast", threads=1),
    "normal": ReadOptions(threads=1),
}
OPTIONAL = ("seller.name", "seller.address", "total")


def cpu() -> float:
    """Processor seconds of this process and its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def tokens(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"[a-z0-9]+", "".join(c for c in folded if not unicodedata.combining(c)))


def gold(data: Path, name: str, step: int) -> list[dict[str, Any]]:
    path = data / "dev" / name / "gold.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()][::step]


class Found:
    """How many words and whole values of the gold are on the page as read."""

    def __init__(self) -> None:
        self.words = self.all_words = self.values = self.all_values = self.pages = 0
        self.seconds = 0.0

    def add(self, wanted: dict[str, list[str]], text: str, seconds: float, pages: int = 1) -> None:
        have = Counter(tokens(text))
        run = "".join(tokens(text))
        for alternatives in wanted.values():
            need = Counter(tokens(alternatives[0]))
            self.words += sum(min(need[t], have[t]) for t in need)
            self.all_words += sum(need.values())
            self.values += any("".join(tokens(a)) in run for a in alternatives)
            self.all_values += 1
        self.seconds += seconds
        self.pages += pages

    def row(self, name: str) -> None:
        print(
            f"  {name:34} words {self.words / self.all_words:.3f}  values "
            f"{self.values / self.all_values:.3f} (n={self.all_values})  "
            f"{self.seconds / max(1, self.pages):.2f} s/page"
        )


def plain_tesseract(image: Any, folder: Path) -> str:
    path = folder / "page.pgm"
    image.save(path)
    done = subprocess.run(["tesseract", str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def words_of(document: Document | Page) -> str:
    return document.text


def bench_xml(data: Path, _step: int) -> None:
    print("e-invoices as XML")
    for name, file in (("xml", "gold.jsonl"), ("einvoice", "gold_hybrid.jsonl")):
        base = data / "dev" / name
        rows, seconds = [], cpu()
        listed = (base / file).read_text(encoding="utf-8").splitlines()
        for row in map(json.loads, listed):
            document = read(base / row["document"], ReadOptions(ocr="off"))
            found = document.embedded.values if document.embedded else ()
            rows.append(
                json.dumps(
                    {
                        "document": row["document"],
                        "fields": [{"name": v.name, "value": v.value} for v in found],
                    }
                )
            )
        seconds = (cpu() - seconds) / len(listed)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as out:
            out.write("\n".join(rows))
            out.flush()
            command = [sys.executable, str(data / "score.py"), str(base / file), out.name, "--json"]
            scored = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        micro = scored["micro"]
        print(
            f"  {name}/{file}: precision {micro['precision']:.3f} recall {micro['recall']:.3f} "
            f"F1 {micro['f1']:.4f}, {1000 * seconds:.1f} ms/file"
        )


def bench_text(data: Path, step: int) -> None:
    import pdfplumber
    import pypdfium2

    files = [
        data / "dev" / name / row["document"]
        for name in ("nda", "einvoice", "invoice2data")
        for row in gold(data, name, step)
        if row["document"].endswith(".pdf")
    ]
    options = ReadOptions(ocr="off", embedded=False)
    read(files[0], options)
    began = cpu()
    ours = {path: read(path, options) for path in files}
    seconds = {"idp_cdi read()": cpu() - began}
    pages = sum(len(d.pages) for d in ours.values())
    began = cpu()
    for path in files:
        pdf = pypdfium2.PdfDocument(path)
        for number in range(len(pdf)):
            textpage = pdf[number].get_textpage()
            text = textpage.get_text_range()
            for match in re.finditer(r"\S+", text):
                if textpage.count_rects(match.start(), match.end() - match.start()):
                    textpage.get_rect(0)
            textpage.close()
        pdf.close()
    seconds["pypdfium2, a rectangle a word"] = cpu() - began
    began = cpu()
    theirs = {}
    for path in files:
        done = subprocess.run(
            ["pdftotext", "-bbox", str(path), "-"], capture_output=True, check=True
        )
        theirs[path] = re.findall(
            r"<word [^>]*>(.*?)</word>", done.stdout.decode("utf-8", "replace")
        )
    seconds["pdftotext -bbox"] = cpu() - began
    few = files[:: max(1, len(files) // 12)]
    began = cpu()
    few_pages = 0
    for path in few:
        with pdfplumber.open(path) as plumber:
            for page in plumber.pages:
                page.extract_words(x_tolerance_ratio=0.15)
                few_pages += 1
    seconds["pdfplumber (sample)"] = (cpu() - began) * pages / few_pages
    print(f"text layer: {len(files)} documents, {pages} pages, processor ms a page")
    for name, value in seconds.items():
        print(f"  {name:32} {1000 * value / pages:7.2f} ms  {pages / value:7.1f} pages/s/core")
    import html

    same = total = 0
    for path in files:
        mine = Counter(t for p in ours[path].pages for w in p.words for t in [w.text])
        other = Counter(html.unescape(word) for word in theirs[path])
        same += sum(min(mine[w], other[w]) for w in other)
        total += sum(other.values())
    print(f"  words of pdftotext found letter for letter: {same / total:.4f} of {total}")
    began = cpu()
    for path in few:
        pdf = pypdfium2.PdfDocument(path)
        for number in range(len(pdf)):
            pdf[number].render(scale=200 / 72, grayscale=True).close()
        pdf.close()
    print(f"  rasterising at 200 dpi: {1000 * (cpu() - began) / few_pages:.1f} ms/page")


def bench_receipts(data: Path, step: int) -> None:
    from PIL import Image

    ways = {name: Found() for name in ("tesseract, plain", *EFFORTS)}
    with tempfile.TemporaryDirectory() as folder:
        for row in gold(data, "receipt", step):
            wanted = {k: v for k, v in row["fields"].items() if k in OPTIONAL}
            path = data / "dev" / "receipt" / row["document"]
            image = Image.open(path).convert("L")
            began = cpu()
            text = plain_tesseract(image, Path(folder))
            ways["tesseract, plain"].add(wanted, text, cpu() - began)
            for name, options in EFFORTS.items():
                began = cpu()
                document = read(path, options)
                ways[name].add(wanted, document.text, cpu() - began)
    print("receipts: words of name, address and total that are on the page as read")
    for name, found in ways.items():
        found.row(name)


def bench_forms(data: Path, step: int) -> None:
    import pypdfium2

    names = ("old text layer, where there is one", "tesseract, plain", *EFFORTS)
    ways = {name: Found() for name in names}
    with tempfile.TemporaryDirectory() as folder:
        for row in gold(data, "regform", step):
            path = data / "dev" / "regform" / row["document"]
            wanted = {
                f"{k}{i}": [x] if k in row["multi"] else v
                for k, v in row["fields"].items()
                if "date" not in k
                for i, x in enumerate(v if k in row["multi"] else v[:1])
            }
            layer = read(path, ReadOptions(ocr="off"))
            if layer.text.strip("\f "):
                ways["old text layer, where there is one"].add(
                    wanted, layer.text, 0, len(layer.pages)
                )
            began = cpu()
            pdf = pypdfium2.PdfDocument(path)
            texts = [
                plain_tesseract(
                    pdf[n].render(scale=200 / 72, grayscale=True).to_pil(), Path(folder)
                )
                for n in range(len(pdf))
            ]
            ways["tesseract, plain"].add(wanted, " ".join(texts), cpu() - began, len(texts))
            for name, options in EFFORTS.items():
                began = cpu()
                document = read(path, options)
                ways[name].add(wanted, document.text, cpu() - began, len(document.pages))
    print("scanned forms: names and numbers that are on the pages as read")
    for name, found in ways.items():
        if found.all_values:
            found.row(name)


def damaged(image: Any, chance: random.Random) -> Any:
    """A page as after a bad copy: shaded, stained, skewed, blurred, noisy, compressed."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFilter

    grey = image.convert("L")
    shade = Image.linear_gradient("L").rotate(chance.choice([0, 90, 180, 270])).resize(grey.size)
    low = chance.randint(70, 120)
    pixels = np.asarray(grey, dtype=np.float32) * (
        (low + np.asarray(shade, dtype=np.float32) * (255 - low) / 255) / 255
    )
    stain = Image.new("L", grey.size, 255)
    x, y = chance.randint(0, grey.width), chance.randint(0, grey.height)
    ImageDraw.Draw(stain).ellipse((x - 250, y - 250, x + 250, y + 250), fill=150)
    pixels *= np.asarray(stain.filter(ImageFilter.GaussianBlur(30)), dtype=np.float32) / 255
    noise = np.random.default_rng(chance.randint(0, 9999)).normal(0, 8, pixels.shape)
    page = Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
    page = page.rotate(chance.uniform(-4, 4), Image.Resampling.BICUBIC, expand=True, fillcolor=140)
    page = page.filter(ImageFilter.GaussianBlur(0.7))
    out = io.BytesIO()
    page.save(out, "JPEG", quality=45)
    return Image.open(io.BytesIO(out.getvalue())).convert("L")


def bench_damage(data: Path, step: int) -> None:
    import pypdfium2

    ways = {name: Found() for name in ("tesseract, plain", "fast", "normal")}
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("einvoice", "nda"):
            for row in gold(data, name, 4 * step):
                path = data / "dev" / name / row["document"]
                page = read(path, ReadOptions(ocr="off")).pages[0]
                if len(page.words) < 40:
                    continue
                pdf = pypdfium2.PdfDocument(path)
                image = damaged(pdf[0].render(scale=200 / 72, grayscale=True).to_pil(), chance)
                wanted = {str(i): [w.text] for i, w in enumerate(page.words) if len(w.text) > 2}
                began = cpu()
                ways["tesseract, plain"].add(
                    wanted, plain_tesseract(image, Path(folder)), cpu() - began
                )
                for effort in ("fast", "normal"):
                    began = cpu()
                    reading = read_image(image, OcrOptions(dpi=200, effort=effort))
                    text = " ".join(w.text for w in reading.words)
                    ways[effort].add(wanted, text, cpu() - began)
    print("damaged pages: words of the text layer found after damage")
    for name, found in ways.items():
        found.row(name)


def bench_cores(data: Path, step: int) -> None:
    import pypdfium2
    from PIL import Image

    files = [data / "dev" / "regform" / r["document"] for r in gold(data, "regform", 3 * step)]
    with tempfile.TemporaryDirectory() as folder:
        images = []
        for path in files:
            pdf = pypdfium2.PdfDocument(path)
            for number in range(len(pdf)):
                images.append(Path(folder) / f"{len(images)}.png")
                pdf[number].render(scale=200 / 72, grayscale=True).to_pil().save(images[-1])
        began, used = time.monotonic(), cpu()
        running: list[subprocess.Popen[bytes]] = []
        for image in images:
            if len(running) == 2:
                running.pop(0).wait()
            command = ["tesseract", str(image), "-", "tsv"]
            running.append(
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
        for process in running:
            process.wait()
        print(f"two cores, {len(images)} scanned pages")
        print(
            f"  a tesseract a page   {len(images) / (time.monotonic() - began):.2f} pages/s, {(cpu() - used) / len(images):.2f} processor s a page"
        )
        long = Path(folder) / "long.tif"
        first, *others = [Image.open(image) for image in images]
        first.save(long, save_all=True, append_images=others, dpi=(200, 200))
        for effort in ("fast", "normal"):
            for name, given, threads in (
                ("many files", files, 0),
                ("one long scan", [long], 0),
                ("one long scan, one core", [long], 1),
            ):
                options = ReadOptions(effort=effort, threads=threads, deadline_s=3000)  # type: ignore[arg-type]
                began, used = time.monotonic(), cpu()
                list(read_many(given, workers=2, options=options))
                print(
                    f"  {effort:8} {name:24} {len(images) / (time.monotonic() - began):.2f} pages/s, {(cpu() - used) / len(images):.2f} processor s a page"
                )


def bench_memory(_data: Path, step: int) -> None:
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (1654, 2339), 255)
    pen = ImageDraw.Draw(page)
    for row in range(6):
        pen.text(
            (150, 150 + 90 * row),
            f"Invoice 4711 line {row} of the scan",
            fill=0,
            font=ImageFont.load_default(36),
        )
    with tempfile.TemporaryDirectory() as folder:
        scan = Path(folder) / "scan.tif"
        page.convert("1").save(
            scan,
            save_all=True,
            append_images=[page.convert("1")] * (500 // step - 1),
            compression="group4",
            dpi=(200, 200),
        )
        (result,) = read_many([scan], options=ReadOptions(effort="fast", deadline_s=3000))
        print(
            f"memory: {len(getattr(result, 'pages', ()))} pages of one scan, worker's peak {peak_children():.0f} MB"
        )
        sheet = Path(folder) / "a.pdf"
        page.convert("1").resize((400, 600)).save(sheet)
        seen = []
        for number, _ in enumerate(
            read_many([sheet] * (5000 // step), workers=2, options=ReadOptions(ocr="off"))
        ):
            if (number + 1) % (1000 // step) == 0:
                seen.append(round(peak_self()))
        print(
            f"  {5000 // step:,} documents: this process after each fifth {seen} MB, workers' peak {peak_children():.0f} MB"
        )


def peak_self() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peak_children() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


PARTS = {
    "text": bench_text,
    "xml": bench_xml,
    "receipts": bench_receipts,
    "forms": bench_forms,
    "damage": bench_damage,
    "cores": bench_cores,
    "memory": bench_memory,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("part", choices=[*PARTS, "all"])
    parser.add_argument("--data", type=Path, default=HERE.parent / "shared" / "eval")
    parser.add_argument("--step", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.part != "memory" and not arguments.data.is_dir():
        sys.exit(
            f"there are no labelled documents in {arguments.data}; name their folder with --data"
        )
    for name, part in PARTS.items():
        if arguments.part in (name, "all"):
            part(arguments.data, arguments.step)


if __name__ == "__main__":
    main()
