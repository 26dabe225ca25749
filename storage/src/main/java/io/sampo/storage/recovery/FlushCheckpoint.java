package io.sampo.storage.recovery;

import io.sampo.storage.log.CorruptLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A lower bound, on disk, of how far the log was flushed: everything below it was durable once, so
 * damage there is corruption and not a torn write. It grows, until the log is cut. Written now and
 * then (on a roll, on close, a few seconds after a flush), by one thread at a time; in between the
 * stamps in the batch headers do its work.
 */
public final class FlushCheckpoint {
  private static final String FILE_NAME = "flushed";
  private static final int MAGIC = 0x534D5043; // "SMPC"

  private final ReplacedFile file;
  private final Path path;
  private long written;

  public FlushCheckpoint(Path logDirectory) {
    this.path = logDirectory.resolve(FILE_NAME);
    this.file = new ReplacedFile(path, MAGIC, 1);
  }

  /** The position that was last written; 0 when there is none. */
  public synchronized long read() throws IOException {
    ByteBuffer content = file.read();
    if (content == null) {
      return 0;
    }
    if (content.remaining() != Long.BYTES) {
      throw new CorruptLogException(
          path + ": expected one position, found " + content.remaining() + " bytes");
    }
    written = content.getLong();
    return written;
  }

  /** Moves the bound up to a flushed position; lower or equal ones change nothing. */
  public synchronized void advanceTo(long flushedPosition) throws IOException {
    if (flushedPosition > written) {
      write(flushedPosition);
    }
  }

  /** The log is about to be cut: what lies at or behind the position isn't durable any more. */
  public synchronized void setBackTo(long position) throws IOException {
    if (position < written) {
      write(position);
    }
  }

  private void write(long position) throws IOException {
    file.write(ByteBuffer.allocate(Long.BYTES).putLong(position).flip());
    written = position;
  }
}
