package io.sampo.storage.recovery;

import io.sampo.storage.log.CorruptLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * What a replica has promised: the highest epoch that it gave its word to, below which it refuses
 * everything; and whether its log lost what had been durable and has to be repaired before it has a
 * vote. Both are durable before anybody hears of them. One thread.
 *
 * <p>The content is the epoch, and behind it a byte that is 1 while the log is repaired. Files of
 * before there was a second replica end with the epoch.
 */
public final class ReplicaStateFile {
  private static final String FILE_NAME = "promised";
  private static final int MAGIC = 0x534D5052; // "SMPR"
  private static final int CONTENT_BYTES = Long.BYTES + 1;

  private final ReplacedFile file;
  private long promisedEpoch;
  private boolean repairing;

  private ReplicaStateFile(ReplacedFile file, long promisedEpoch, boolean repairing) {
    this.file = file;
    this.promisedEpoch = promisedEpoch;
    this.repairing = repairing;
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
      return new ReplicaStateFile(file, 0, false);
    }
    int sizeBytes = content.remaining();
    if (sizeBytes != Long.BYTES && sizeBytes != CONTENT_BYTES) {
      throw new CorruptLogException(
          path + ": expected one epoch and a mark, found " + sizeBytes + " bytes");
    }
    long epoch = content.getLong();
    return new ReplicaStateFile(file, epoch, sizeBytes == CONTENT_BYTES && content.get() != 0);
  }

  /** The highest epoch promised. */
  public long promisedEpoch() {
    return promisedEpoch;
  }

  /** True while the log must be repaired by a leader. */
  public boolean isRepairing() {
    return repairing;
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
    write(epoch, repairing);
  }

  /**
   * Replaces both, durably.
   *
   * @param epoch not below {@link #promisedEpoch()}
   * @throws IOException when the disk refuses; what was written before then holds
   */
  public void write(long epoch, boolean nowRepairing) throws IOException {
    if (epoch < promisedEpoch) {
      throw new IllegalArgumentException(
          "epoch " + epoch + " is below the promised " + promisedEpoch);
    }
    file.write(
        ByteBuffer.allocate(CONTENT_BYTES)
            .putLong(epoch)
            .put((byte) (nowRepairing ? 1 : 0))
            .flip());
    promisedEpoch = epoch;
    repairing = nowRepairing;
  }
}
