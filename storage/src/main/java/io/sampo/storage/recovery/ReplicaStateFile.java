package io.sampo.storage.recovery;

import io.sampo.storage.log.CorruptLogException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a replica has promised: the highest epoch that it gave its word to, below which it refuses
 * everything; and whether its log lost what had been durable and has to be repaired before it has a
 * vote. Both are durable before anybody hears of them. One thread.
 *
 * <p>It is written before a replica does anything, and names the replica: a folder without it, or
 * with another's, is not that replica's folder, and must not be opened as such.
 *
 * <pre>
 *   0        8           9
 *   +--------+-----------+--------+
 *   | epoch  | repairing | number |    the number of the replica (ReplicaId)
 *   +--------+-----------+--------+
 * </pre>
 *
 * <p>Older files end before the number, or before the byte that is 1 while the log is repaired.
 */
public final class ReplicaStateFile {
  private static final String FILE_NAME = "promised";
  private static final int MAGIC = 0x534D5052; // "SMPR"
  private static final int WITH_REPAIRING_BYTES = Long.BYTES + 1;
  private static final int CONTENT_BYTES = WITH_REPAIRING_BYTES + Long.BYTES;

  private final ReplacedFile file;

  /** The replica's number; null when an older version wrote the file, or there is none. */
  private final @Nullable Long disk;

  private long promisedEpoch;
  private boolean repairing;

  private ReplicaStateFile(
      ReplacedFile file, @Nullable Long disk, long promisedEpoch, boolean repairing) {
    this.file = file;
    this.disk = disk;
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
    ReplicaStateFile found = find(directory);
    return found != null ? found : new ReplicaStateFile(fileIn(directory), null, 0, false);
  }

  /**
   * Reads the replica's state; null when there is none.
   *
   * @throws CorruptLogException when the file is damaged
   */
  public static @Nullable ReplicaStateFile find(Path directory) throws IOException {
    ReplacedFile file = fileIn(directory);
    ByteBuffer content = file.read();
    if (content == null) {
      return null;
    }
    int sizeBytes = content.remaining();
    if (sizeBytes != Long.BYTES
        && sizeBytes != WITH_REPAIRING_BYTES
        && sizeBytes != CONTENT_BYTES) {
      throw new CorruptLogException(
          "%s: expected an epoch, a mark and a number, found %d bytes"
              .formatted(directory.resolve(FILE_NAME), sizeBytes));
    }
    long epoch = content.getLong();
    boolean repairing = content.hasRemaining() && content.get() != 0;
    return new ReplicaStateFile(
        file, content.hasRemaining() ? content.getLong() : null, epoch, repairing);
  }

  /** Writes the state of a new replica, durably: that it has promised nothing. */
  public static void found(Path directory, long disk) throws IOException {
    new ReplicaStateFile(fileIn(directory), disk, 0, false).write(0, false);
  }

  private static ReplacedFile fileIn(Path directory) {
    return new ReplacedFile(directory.resolve(FILE_NAME), MAGIC, 1);
  }

  /** Whether it is that replica's, as far as it says whose it is. */
  public boolean isOf(long replica) {
    return disk == null || disk == replica;
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
    ByteBuffer content =
        ByteBuffer.allocate(disk == null ? WITH_REPAIRING_BYTES : CONTENT_BYTES)
            .putLong(epoch)
            .put((byte) (nowRepairing ? 1 : 0));
    if (disk != null) {
      content.putLong(disk);
    }
    file.write(content.flip());
    promisedEpoch = epoch;
    repairing = nowRepairing;
  }
}
