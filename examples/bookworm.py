"""Reads a shelf of made-up books and says which two were written by the same hand.

    scalene run examples/bookworm.py
    scalene view --cli

Every step spends its time in another way, and one of them far too much of it. Look at the profile before the code.
"""

import hashlib
import os
import random
import re
import tempfile
import zlib

NOUNS = """anchor bread bridge candle captain clock feather garden harbour island journey lamp letter mirror morning
           night orchard paper river salt sea shadow silver song stone storm thunder whisper window winter""".split()
LINKS = "after and because beyond but near toward under until upon while without".split()


def write_book(author, words):
    """A book is a random walk over the nouns that its author likes."""
    dice = random.Random(author)
    favourites = [noun for noun in NOUNS if dice.random() < 0.5]
    text = []
    for _ in range(words):
        text.append(dice.choice(favourites) + dice.choice("aeiouy") + str(dice.randrange(40)))
        text.append(dice.choice(LINKS))
    return " ".join(text)


def tokenize(book):
    return re.findall(r"([a-z]+)(\d*)\b", book)


def vocabulary(words):
    """The distinct words of a book, in the order in which they appear."""
    seen = []
    for word in words:
        if word not in seen:
            seen.append(word)
    return seen


def letter_shares(words):
    counts = {}
    for word in words:
        for letter in word:
            counts[letter] = counts.get(letter, 0) + 1
    total = sum(counts.values())
    return {letter: count / total for letter, count in counts.items()}


def distance(one, other):
    return sum(abs(one.get(letter, 0) - other.get(letter, 0)) for letter in set(one) | set(other))


def seal(book):
    """A slow hash, as one takes for passwords."""
    return hashlib.pbkdf2_hmac("sha256", book.encode(), b"bookworm", 600_000).hex()[:8]


def print_on_demand(words):
    """Writes word by word and unbuffered, as careless loggers do. Returns the size of the compressed book."""
    with tempfile.TemporaryFile() as file:
        page = file.fileno()
        for word in words:
            os.write(page, word)
    return len(zlib.compress(b" ".join(words), 9))


def main():
    authors = ["Ada", "Bertolt", "Clarice", "Ada", "Doris"]
    shelf = [write_book(author, 18_000 + 1_500 * number) for number, author in enumerate(authors)]
    shares = []
    for author, book in zip(authors, shelf):
        words = [word + number for word, number in tokenize(book)]
        longest = sorted(vocabulary(words), key=lambda word: (-len(word), word))[0]
        shares.append(letter_shares(words))
        size = print_on_demand([word.encode() for word in words] * 3)
        print(f"{seal(book)}  {author:8} {len(words)} words, longest {longest!r}, {size} bytes packed")
    pairs = [(distance(shares[i], shares[j]), j + 1, i + 1) for i in range(len(shelf)) for j in range(i)]
    closest, first, second = min(pairs)
    print(f"Books {first} and {second} are by the same hand (distance {closest:.3f}).")


if __name__ == "__main__":
    main()
