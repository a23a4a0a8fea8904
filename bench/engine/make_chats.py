#!/usr/bin/env python3
"""Makes exports as people have them: WhatsApp chats with Zipf-like words and media that do not compress.

    make_chats.py OUT [--messages 1000000] [--chats 20] [--media 3900] [--media-mb 800] [--more 0] [--seed 1]

OUT/<chat>/ is one export: a text file and its media. `--more P` writes P percent more messages at the end of each
text file of the same seed, as a later export of the same chats has them. Everything follows from the seed.
"""
import argparse
import datetime
import os
import random
from pathlib import Path

PEOPLE = ["Mira", "Jonas", "Noor", "Pavel", "Aiko", "Luis", "Zoë", "Tomasz"]
LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
START = datetime.datetime(2016, 1, 1, 8, 0)


def vocabulary(rng, size=30_000):
    weights = range(len(LETTERS), 0, -1)
    return ["".join(rng.choices(LETTERS, weights=weights, k=rng.randint(2, 10))) for _ in range(size)]


def sentences(rng, words, cumulative):
    """Endless texts of about 95 bytes on average, short ones more often than long ones."""
    while True:
        pool = rng.choices(words, cum_weights=cumulative, k=20_000)
        at = 0
        while at < len(pool):
            n = min(1 + int(rng.expovariate(1 / 14)), 120)
            yield " ".join(pool[at : at + n])
            at += n


def media_sizes(rng, count, total):
    """Log-uniform between 20 KB and 4 MB, or as small as the average asks for, scaled to the total."""
    sizes = [200 ** rng.random() for _ in range(count)]
    scale = total / sum(sizes) if sizes else 0
    return [max(1, int(size * scale)) for size in sizes]


def chat(folder, number, messages, more, sizes, seed, texts):
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(f"{seed} chat {number}")
    people = rng.sample(PEOPLE, rng.randint(2, 5))
    every = max(1, messages // len(sizes)) if sizes else 0
    minutes, sent = rng.randint(0, 500_000), 0
    with open(folder / f"WhatsApp Chat with {folder.name}.txt", "w", encoding="utf-8") as out:
        for n in range(messages + more):
            minutes += int(rng.expovariate(1 / 60))
            at = START + datetime.timedelta(minutes=minutes)
            text = next(texts)
            if every and n % every == 0 and sent < len(sizes):
                name = f"IMG-{number:03}-{sent:06}.jpg"
                text = f"{name} (file attached)"
                write_media(folder / name, sizes[sent], f"{seed} media {number} {sent}")
                sent += 1
            out.write(f"{at.day:02}/{at.month:02}/{at.year}, {at:%H:%M} - {rng.choice(people)}: {text}\n")


def write_media(path, size, seed):
    if path.exists() and path.stat().st_size == size:
        return
    path.write_bytes(random.Random(seed).randbytes(size))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--media", type=int, default=3_900)
    parser.add_argument("--media-mb", type=float, default=800)
    parser.add_argument("--more", type=float, default=0, metavar="PERCENT")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    words = vocabulary(rng)
    cumulative, total = [], 0.0
    for n in range(len(words)):
        total += 1 / (n + 1)
        cumulative.append(total)
    sizes = media_sizes(rng, args.media, args.media_mb * 1_000_000)
    for number in range(args.chats):
        name = f"Chat {number:03}"
        texts = sentences(random.Random(f"{args.seed} words {number}"), words, cumulative)
        own = sizes[number :: args.chats]
        messages = args.messages // args.chats
        chat(args.out / name, number, messages, int(messages * args.more / 100), own, args.seed, texts)
    files = sum(len(names) for _, _, names in os.walk(args.out))
    print(f"{args.messages} messages in {args.chats} chats, {args.media} media, {files} files in {args.out}")


if __name__ == "__main__":
    main()
