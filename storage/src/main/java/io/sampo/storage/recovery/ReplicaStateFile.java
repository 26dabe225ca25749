package io.sampo.storage.recovery;

import io.sampo.storage.log.CorruptLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * What a replica has promised: the highest epoch that it gave its word to, below which it refuses
 * everything. The promise is durable before anybody hears of it, so {@link #promise} returns only
 * then. One thread.
 */
public final class ReplicaStateFile {
  private static final String FILE_NAME = "promised";
  private static final int MAGIC = 0x534D5052; // "SMPR"

  private final ReplacedFile file;
  private long promisedEpoch;

  private ReplicaStateFile(ReplacedFile file, long promisedEpoch) {
    this.file = file;
    this.promisedEpoch = promisedEpoch;
  }

  /**
   * Reads the replica's state; a replica without any has promised epoch 0.
   *
   * @param directory the replica's folder, which must exist
   * @throws CorruptLogException when the file is damaged; the replica must then not take part
   *     before somebody has looked, because what it promised is unknown
   */
  public static ReplicaStateFile open(Path directory) throws IOException {
    Path path = directory.resolve(FILE_NAME);
    ReplacedFile file = new ReplacedFile(path, MAGIC, 1);
    ByteBuffer content = file.read();
    if (content == null) {
      return new ReplicaStateFile(file, 0);
    }
    if (content.remaining() != Long.BYTES) {
      throw new CorruptLogException(
          path + ": expected one epoch, found " + content.remaining() + " bytes");
    }
    return new ReplicaStateFile(file, content.getLong());
  }

  /** The highest epoch promised. */
  public long promisedEpoch() {
    return promisedEpoch;
  }

  /**
   * Promises an epoch, durably.
   *
   * @param epoch above {@link #promisedEpoch()}
   * @throws IOException when the disk refuses; the promise then isn't given
   */
  public void promise(long epoch) throws IOException {
    if (epoch <= promisedEpoch) {
      throw new IllegalArgumentException(
          "epoch " + epoch + " isn't above the promised " + promisedEpoch);
    }
    file.write(ByteBuffer.allocate(Long.BYTES).putLong(epoch).flip());
    promisedEpoch = epoch;
  }
}
