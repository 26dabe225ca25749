package io.sampo.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** What the tests do to a log's files behind its back. */
final class LogFiles {
  private static final int PAGE_BYTES = 4 << 10;

  private LogFiles() {}

  /** Copies a log's folder as a killed process would leave it; the lock is not copied. */
  static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.equals("lock")
            && !name.endsWith(".new")) { // what is written aside comes and goes
          Files.copy(file, to.resolve(file.getFileName()));
        }
      }
    }
    return to;
  }

  static Path segment(Path folder, long basePosition) {
    return folder.resolve("%020d.log".formatted(basePosition));
  }

  static List<Path> withSuffix(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  static byte[] read(Path file, int from, int to) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate(to - from);
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {}
      return bytes.array();
    }
  }

  static void write(Path file, int at, byte... bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer source = ByteBuffer.wrap(bytes);
      while (source.hasRemaining()) {
        channel.write(source, at + source.position());
      }
    }
  }

  static void flip(Path file, int at) throws IOException {
    write(file, at, (byte) (read(file, at, at + 1)[0] ^ 0x10));
  }

  static void truncate(Path file, long length) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(length);
    }
  }

  static void zero(Path file, int from, int to) throws IOException {
    write(file, from, new byte[to - from]);
  }

  /** Forgets how far the log was flushed, as if the power had failed before that was written. */
  static void forgetCheckpoint(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve("flushed"));
  }

  /** Of what wasn't flushed any page may be missing or half written, except what a flush shared. */
  static void losePages(Path folder, long flushed, long end, Random random) throws IOException {
    for (Path segment : withSuffix(folder, ".log")) {
      long base = LogDirectory.basePosition(segment);
      long size = Files.size(segment);
      long from = Math.max(flushed, base) - base;
      long to = Math.min(end, base + size) - base;
      while (from < to) {
        long pageEnd = Math.min(to, (from / PAGE_BYTES + 1) * PAGE_BYTES);
        switch (random.nextInt(6)) {
          case 0 -> zero(segment, (int) from, (int) pageEnd);
          case 1 -> {
            byte[] garbage = new byte[random.nextInt((int) (pageEnd - from)) + 1];
            random.nextBytes(garbage);
            write(segment, (int) from, garbage);
          }
          default -> {} // the page made it
        }
        from = pageEnd;
      }
    }
  }

  /** Index files are lost or damaged; they can be made anew. */
  static void damageIndexes(Path folder, Random random) throws IOException {
    for (Path index : withSuffix(folder, ".index")) {
      switch (random.nextInt(8)) {
        case 0 -> Files.delete(index);
        case 1 -> flip(index, random.nextInt((int) Files.size(index)));
        default -> {} // whole
      }
    }
  }

  /** Drops once the index of the last segment below is on the disk, which is written aside. */
  static void dropBelow(SegmentedLog log, long position) throws IOException {
    while (true) {
      try {
        log.dropBelow(position);
        return;
      } catch (LogFullException e) {
        Thread.onSpinWait();
      }
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
