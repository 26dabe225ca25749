package io.sampo.multijvm.harness;

import io.sampo.storage.log.BatchFrame;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** The log files of nodes that don't run: hurts them as a disk does, and compares them. */
public final class SegmentFiles {
  private static final int FLIPPED_BYTES = 16;
  private static final int BLOCK_BYTES = 4096;

  /** Where what is the same in all copies goes on, behind the magic and the stamp. */
  private static final int STAMP_END = 16;

  private SegmentFiles() {}

  /** Flips some bytes in the middle of what was written to a log group's first segment. */
  public static void flipBytes(NodeProcess node, String logGroup) {
    try (RandomAccessFile file = new RandomAccessFile(first(node, logGroup).toFile(), "rw")) {
      long middle = writtenBytes(file) / 2;
      byte[] bytes = new byte[FLIPPED_BYTES];
      file.seek(middle);
      file.readFully(bytes);
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) ~bytes[i];
      }
      file.seek(middle);
      file.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path first(NodeProcess node, String logGroup) throws IOException {
    return segments(node, logGroup).firstEntry().getValue();
  }

  /** By their names, which say where they begin. */
  private static NavigableMap<String, Path> segments(NodeProcess node, String logGroup)
      throws IOException {
    NavigableMap<String, Path> segments = new TreeMap<>();
    try (Stream<Path> files = Files.walk(node.dataDirectory().resolve(logGroup))) {
      files
          .filter(file -> file.toString().endsWith(".log"))
          .forEach(file -> segments.put(file.getFileName().toString(), file));
    }
    if (segments.isEmpty()) {
      throw new AssertionError("no segment of " + logGroup + " in " + node.dataDirectory());
    }
    return segments;
  }

  /**
   * What a comparison of two copies found.
   *
   * @param frames how many are the same
   * @param differences where a frame is not, or is damaged
   */
  public record Comparison(int frames, List<String> differences) {}

  /** Compares two nodes' copies of a log group as far as both of them go. */
  public static Comparison compare(NodeProcess one, NodeProcess other, String logGroup) {
    int same = 0;
    List<String> differences = new ArrayList<>();
    try {
      NavigableMap<String, Path> others = segments(other, logGroup);
      for (Map.Entry<String, Path> segment : segments(one, logGroup).entrySet()) {
        Path copy = others.get(segment.getKey());
        if (copy != null) {
          long position = Long.parseLong(segment.getKey().replace(".log", ""));
          same += compare(map(segment.getValue()), map(copy), position, differences);
        }
      }
      return new Comparison(same, differences);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MappedByteBuffer map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    }
  }

  /** Returns how many frames are the same. */
  private static int compare(
      ByteBuffer one, ByteBuffer other, long position, List<String> differences) {
    CRC32C crc = new CRC32C();
    int at = 0;
    int same = 0;
    while (isWritten(one, at) && isWritten(other, at)) {
      String defect = BatchFrame.defect(one, at, position + at, crc);
      if (defect == null) {
        defect = BatchFrame.defect(other, at, position + at, crc);
      }
      if (defect != null || !isSame(one, other, at)) {
        differences.add(position + at + ": " + (defect == null ? "not the same" : defect));
        return same;
      }
      same++;
      at += BatchFrame.align(BatchFrame.length(one, at));
    }
    return same;
  }

  private static boolean isWritten(ByteBuffer segment, int at) {
    return segment.capacity() - at >= BatchFrame.HEADER_BYTES && segment.getInt(at) != 0;
  }

  /** All but the stamp, which is each copy's own. Behind a segment's end nothing is written. */
  private static boolean isSame(ByteBuffer one, ByteBuffer other, int at) {
    int bytes =
        BatchFrame.kind(one, at) == BatchFrame.KIND_SEGMENT_END
            ? BatchFrame.HEADER_BYTES
            : BatchFrame.length(one, at);
    return BatchFrame.length(one, at) == BatchFrame.length(other, at)
        && one.getInt(at) == other.getInt(at)
        && one.slice(at + STAMP_END, bytes - STAMP_END)
            .equals(other.slice(at + STAMP_END, bytes - STAMP_END));
  }

  /** A segment is allocated whole and zero behind its end. */
  private static long writtenBytes(RandomAccessFile file) throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    for (long at = file.length() - BLOCK_BYTES; at >= 0; at -= BLOCK_BYTES) {
      file.seek(at);
      file.readFully(block);
      for (byte each : block) {
        if (each != 0) {
          return at;
        }
      }
    }
    return 0;
  }
}
