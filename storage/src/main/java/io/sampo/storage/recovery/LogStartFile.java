package io.sampo.storage.recovery;

import io.sampo.storage.log.CorruptLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The {@link LogStart} of a log on disk: position 8, epoch 8, membership. One thread. */
public final class LogStartFile {
  private static final String FILE_NAME = "start";
  private static final int MAGIC = 0x534D5042; // "SMPB"

  private final ReplacedFile file;
  private final Path path;

  public LogStartFile(Path logDirectory) {
    this.path = logDirectory.resolve(FILE_NAME);
    this.file = new ReplacedFile(path, MAGIC, 1);
  }

  /** What was written last; null when nothing was. */
  public @Nullable LogStart read() throws IOException {
    ByteBuffer content = file.read();
    return content == null ? null : decode(path, content);
  }

  /** Replaces it, durably when this returns. */
  public void write(LogStart start) throws IOException {
    file.write(encode(start));
  }

  static ByteBuffer encode(LogStart start) {
    ByteBuffer membership = start.membership();
    return ByteBuffer.allocate(2 * Long.BYTES + membership.remaining())
        .putLong(start.position())
        .putLong(start.epoch())
        .put(membership)
        .flip();
  }

  static LogStart decode(Path path, ByteBuffer content) throws CorruptLogException {
    if (content.remaining() < 2 * Long.BYTES) {
      throw new CorruptLogException(
          path + ": expected where a log begins, found " + content.remaining() + " bytes");
    }
    return new LogStart(content.getLong(), content.getLong(), content.slice());
  }
}
