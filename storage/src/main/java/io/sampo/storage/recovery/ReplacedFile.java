package io.sampo.storage.recovery;

import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.log.LogDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A small file that is never edited: it is written aside, synced, moved over the old one, and the
 * folder is synced. After a crash there is the old content or the new one, whole.
 *
 * <pre>
 *   0        4          8        12
 *   +--------+----------+--------+---------+
 *   | magic  | version  | crc32c | content |    crc32c over the content
 *   +--------+----------+--------+---------+
 * </pre>
 *
 * <p>Stateless but for its name; one thread writes at a time.
 */
public final class ReplacedFile {
  private static final int HEADER_BYTES = 12;
  private static final int SIZE_MAX = 1 << 20;

  private final Path path;
  private final int magic;
  private final int version;

  public ReplacedFile(Path path, int magic, int version) {
    this.path = path;
    this.magic = magic;
    this.version = version;
  }

  /** Replaces the content, durably when this returns. */
  public void write(ByteBuffer content) throws IOException {
    CRC32C crc = new CRC32C();
    crc.update(content.duplicate());
    ByteBuffer file = ByteBuffer.allocate(HEADER_BYTES + content.remaining());
    file.putInt(magic).putInt(version).putInt((int) crc.getValue()).put(content.duplicate()).flip();
    Path aside = path.resolveSibling(path.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            aside,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      while (file.hasRemaining()) {
        channel.write(file);
      }
      channel.force(true);
    }
    LogDirectory.replace(path, aside);
  }

  /**
   * Reads the content; null when there is no such file.
   *
   * @throws CorruptLogException when the file is damaged or of another kind
   */
  public @Nullable ByteBuffer read() throws IOException {
    byte[] bytes;
    try {
      if (Files.size(path) > SIZE_MAX) {
        throw new CorruptLogException(path + ": expected at most " + SIZE_MAX + " bytes");
      }
      bytes = Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      return null;
    }
    ByteBuffer file = ByteBuffer.wrap(bytes);
    if (bytes.length < HEADER_BYTES) {
      throw new CorruptLogException(path + ": expected a header, found " + bytes.length + " bytes");
    }
    int foundMagic = file.getInt();
    int foundVersion = file.getInt();
    int expectedCrc = file.getInt();
    if (foundMagic != magic || foundVersion != version) {
      throw new CorruptLogException(
          "%s: expected magic %08x version %d, found %08x version %d"
              .formatted(path, magic, version, foundMagic, foundVersion));
    }
    CRC32C crc = new CRC32C();
    crc.update(file.duplicate());
    if ((int) crc.getValue() != expectedCrc) {
      throw new CorruptLogException(
          "%s: expected checksum %08x, found %08x"
              .formatted(path, expectedCrc, (int) crc.getValue()));
    }
    return file.slice();
  }
}
