package io.sampo.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Keeps what lies behind damage in a log's files before it is cut off with it: that is whole, and
 * may be the last copy when the others lost theirs. Later segments are moved, which takes no room;
 * of the damaged one the rest is copied, to a file of the same name in which everything is at the
 * same place. Whoever owns the log, before it is cut; a crash on the way leaves a log that lacks
 * its newest segments, which is damage, too.
 */
public final class DamagedEnd {
  private static final int CHUNK_BYTES = 64 << 10;

  private DamagedEnd() {}

  /**
   * Keeps it, durably when this returns.
   *
   * @param log the folder of the log
   * @param position where the damage begins
   * @param into a folder on the same disk that isn't there yet; made only when there is something
   * @return how many files it is
   */
  public static int keep(Path log, long position, Path into) throws IOException {
    int kept = 0;
    List<Path> files = LogDirectory.segmentFiles(log);
    for (int i = files.size() - 1; i >= 0; i--) {
      Path file = files.get(i);
      long base = LogDirectory.basePosition(file);
      boolean isBehind = base > position || (base == position && !LogSegment.hasUsableLength(file));
      if (isBehind && isWritten(file, 0)) {
        Files.createDirectories(into);
        Files.move(file, into.resolve(file.getFileName()));
        kept++;
      } else if (!isBehind
          && base + LogDirectory.bytesOf(file) > position
          && isWritten(file, position - base)) {
        Files.createDirectories(into);
        copyFrom(file, position - base, into.resolve(file.getFileName()));
        kept++;
      }
    }
    if (kept > 0) {
      LogDirectory.sync(into);
      LogDirectory.sync(log);
      Path parent = into.getParent();
      if (parent != null) {
        LogDirectory.sync(parent);
      }
    }
    return kept;
  }

  private static boolean isWritten(Path file, long from) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
      for (long at = from; channel.read(chunk.clear(), at) > 0; at += CHUNK_BYTES) {
        if (!isZero(chunk.flip())) {
          return true;
        }
      }
      return false;
    }
  }

  /** Leaves holes where there are only zeros. */
  private static void copyFrom(Path file, long from, Path target) throws IOException {
    try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ);
        FileChannel copy =
            FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
      long at = from;
      for (int read = source.read(chunk, at); read > 0; read = source.read(chunk.clear(), at)) {
        chunk.flip();
        if (!isZero(chunk)) {
          for (long to = at; chunk.hasRemaining(); ) {
            to += copy.write(chunk, to);
          }
        }
        at += read;
      }
      copy.force(true);
    }
  }

  private static boolean isZero(ByteBuffer bytes) {
    for (int i = bytes.position(); i < bytes.limit(); i++) {
      if (bytes.get(i) != 0) {
        return false;
      }
    }
    return true;
  }
}
