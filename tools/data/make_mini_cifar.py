#!/usr/bin/env python3
"""Cuts the repository's data set, tests/data/cifar10-mini.tar.gz, out of CIFAR-10 as JPEG files.

    tools/data/make_mini_cifar.py cifar10-jpeg.tar.gz tests/data/cifar10-mini.tar.gz

The source is a tar of {train,test}/<class>/<name>.jpg. The first 500 training and 100 test images
of each class are taken, by name, their bytes as they are: 5,000 and 1,000 images. Same source, same
file: fixed order, no times, no owners. gzip removes the padding of the tar and what the headers of
the JPEG files have in common, which is most of it.
"""
import collections
import gzip
import io
import sys
import tarfile

PER_CLASS = {"train": 500, "test": 100}


def read_images(path):
    """{(split, class): [(name, bytes)]}, sorted by name."""
    folders = collections.defaultdict(list)
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile():
                split, label, name = member.name.split("/")
                folders[split, label].append((name, archive.extractfile(member).read()))
    return {folder: sorted(images) for folder, images in folders.items()}


def add_image(archive, path, image):
    member = tarfile.TarInfo(path)
    member.size = len(image)
    member.mode = 0o644
    archive.addfile(member, io.BytesIO(image))


def main(source, target):
    folders = read_images(source)
    with open(target, "wb") as file, \
            gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for split, wanted in PER_CLASS.items():
            for folder in sorted(folder for folder in folders if folder[0] == split):
                images = folders[folder]
                if len(images) < wanted:
                    sys.exit(f"{source}: {'/'.join(folder)} has only {len(images)} images")
                for name, image in images[:wanted]:
                    add_image(archive, f"{split}/{folder[1]}/{name}", image)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
