package io.sampo.storage.recovery;

import io.sampo.storage.log.CorruptLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The note, on disk, that the end of a log is being cut off, or all of it dropped: what makes that
 * happen wholly or not at all, since recovery does it again as long as the note is there. One
 * thread.
 *
 * <p>The content is the position of the cut, and behind it the new {@link LogStart} of a log that
 * begins anew.
 */
public final class CutNote {
  private static final String FILE_NAME = "cut";
  private static final int MAGIC = 0x534D5058; // "SMPX"

  private final ReplacedFile file;
  private final Path path;

  /**
   * What is to be done.
   *
   * @param position where the log is cut
   * @param start where it begins anew; null when it stays
   */
  public record Order(long position, @Nullable LogStart start) {}

  public CutNote(Path logDirectory) {
    this.path = logDirectory.resolve(FILE_NAME);
    this.file = new ReplacedFile(path, MAGIC, 1);
  }

  public Path path() {
    return path;
  }

  /** What is still to be done; null when nothing is. */
  public @Nullable Order read() throws IOException {
    ByteBuffer content = file.read();
    if (content == null) {
      return null;
    }
    if (content.remaining() < Long.BYTES) {
      throw new CorruptLogException(
          path + ": expected a position, found " + content.remaining() + " bytes");
    }
    long position = content.getLong();
    return new Order(position, content.hasRemaining() ? LogStartFile.decode(path, content) : null);
  }

  /** Makes the note, durably when this returns. */
  public void write(Order order) throws IOException {
    LogStart start = order.start();
    ByteBuffer encoded = start == null ? ByteBuffer.allocate(0) : LogStartFile.encode(start);
    try {
      file.write(
          ByteBuffer.allocate(Long.BYTES + encoded.remaining())
              .putLong(order.position())
              .put(encoded)
              .flip());
    } catch (IOException e) {
      // It must not turn up later, when the log has gone on.
      Files.deleteIfExists(path);
      throw e;
    }
  }
}
