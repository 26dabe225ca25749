package io.sampo.storage.index;

import io.sampo.storage.log.QueueView.EntryVisitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index of one sealed segment, wherever it is just now: in memory until its file is durable,
 * then in the file, which is mapped when somebody reads it and let go again when too many are (see
 * {@link OpenIndexes}). A file that is missing or damaged is made anew from its segment, by the
 * thread that needs it; nobody else waits but those who need the same one, and a shared pool goes
 * on with another thread ({@link Opening}).
 *
 * <p>Any thread reads, without a lock but for opening the file.
 */
public final class SealedIndex implements SegmentIndex {
  private static final Logger LOG = LoggerFactory.getLogger(SealedIndex.class);

  private final IndexFile file;
  private final OpenIndexes openIndexes;
  private final IndexRebuild rebuild;

  private boolean abandoned; // guarded by this
  private volatile @Nullable FrozenIndex inMemory;
  private volatile @Nullable MappedIndex mapped;

  /** Set by readers, cleared by {@link OpenIndexes} on its round: a file in use stays open. */
  private volatile boolean used;

  private volatile boolean retired;

  /**
   * @param inMemory null when the file is there already
   */
  SealedIndex(
      IndexFile file,
      OpenIndexes openIndexes,
      IndexRebuild rebuild,
      @Nullable FrozenIndex inMemory) {
    this.file = file;
    this.openIndexes = openIndexes;
    this.rebuild = rebuild;
    this.inMemory = inMemory;
  }

  /** Writes the file if it isn't there yet; from then on the memory is free. */
  public synchronized void makeDurable() throws IOException {
    FrozenIndex index = inMemory;
    if (index != null && !abandoned) {
      file.write(index);
      inMemory = null;
    }
  }

  /** The log was cut in front of the segment's end: from now on no file is written. */
  synchronized void abandon() {
    abandoned = true;
  }

  /** True once the file is there. */
  boolean isDurable() {
    return inMemory == null;
  }

  /**
   * The segment was dropped: who reads what is mapped may go on, others find nothing. Waits for
   * nobody.
   */
  void retire() {
    retired = true;
    mapped = null;
  }

  /** The position of the segment's first byte. */
  public long segmentBase() {
    return file.segmentBase();
  }

  private SegmentIndex current() {
    FrozenIndex memory = inMemory;
    if (memory != null) {
      return memory;
    }
    MappedIndex open = mapped;
    if (open != null) {
      if (!used) { // a plain look first: the line stays shared among the readers' cores
        used = true;
      }
      return open;
    }
    return new Opening().result();
  }

  /**
   * Opens the file, or waits for who does. A thread of a shared fork-join pool tells its pool,
   * which has another thread do its work meanwhile.
   */
  private final class Opening implements ForkJoinPool.ManagedBlocker {
    private @Nullable SegmentIndex opened;

    SegmentIndex result() {
      try {
        ForkJoinPool.managedBlock(this);
      } catch (InterruptedException e) {
        throw new AssertionError("nothing here can be interrupted", e);
      }
      return Objects.requireNonNull(opened);
    }

    @Override
    public boolean block() {
      opened = open();
      return true;
    }

    @Override
    public boolean isReleasable() {
      return opened != null;
    }
  }

  private synchronized SegmentIndex open() {
    if (retired) {
      return GoneIndex.INSTANCE;
    }
    FrozenIndex memory = inMemory;
    if (memory != null) {
      return memory;
    }
    MappedIndex open = mapped;
    if (open != null) {
      return open;
    }
    try {
      open = file.map();
      if (open == null) {
        FrozenIndex anew = rebuild.rebuild(file.segmentBase());
        inMemory = anew;
        if (abandoned || !savedAnew()) {
          return anew;
        }
        open = file.map();
      }
    } catch (IOException e) {
      if (retired) {
        return GoneIndex.INSTANCE;
      }
      throw new UncheckedIOException(e);
    }
    if (open == null) {
      throw new IllegalStateException(file + " was written but can't be read back");
    }
    mapped = open;
    used = true;
    openIndexes.opened(this);
    return open;
  }

  private boolean savedAnew() {
    try {
      makeDurable();
      return true;
    } catch (IOException e) { // a full disk must not keep anybody from reading
      LOG.warn("{} can't be written; its content stays in memory until the next start", file, e);
      return false;
    }
  }

  /** Lets go of the mapping, which the collector unmaps once no reader holds it any more. */
  void letGo() {
    mapped = null;
  }

  /** Tells whether somebody read since the last call. */
  boolean takeUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  @Override
  public int queueCount() {
    return current().queueCount();
  }

  @Override
  public long firstOffset(int queue) {
    return current().firstOffset(queue);
  }

  @Override
  public long nextOffset(int queue) {
    return current().nextOffset(queue);
  }

  @Override
  public long lastStoreTimestampMs(int queue) {
    return current().lastStoreTimestampMs(queue);
  }

  @Override
  public long position(int queue, long offset) {
    return current().position(queue, offset);
  }

  @Override
  public long scan(int queue, long from, long end, EntryVisitor visitor) {
    return current().scan(queue, from, end, visitor);
  }
}
