package io.sampo.storage.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/** A range of one segment, which it holds until it is closed. */
final class SegmentSlice implements LogSlice {
  private static final VarHandle CLOSED;

  static {
    try {
      CLOSED = MethodHandles.lookup().findVarHandle(SegmentSlice.class, "closed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final LogSegment segment;
  private final ByteBuffer bytes;

  @SuppressWarnings("UnusedVariable") // through CLOSED
  private volatile boolean closed;

  /** Takes over one hold of the segment. */
  SegmentSlice(LogSegment segment, ByteBuffer bytes) {
    this.segment = segment;
    this.bytes = bytes;
  }

  @Override
  public ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public int sizeBytes() {
    return bytes.capacity();
  }

  @Override
  public void close() {
    // A second close would unmap the segment under somebody else's feet.
    if ((boolean) CLOSED.getAndSet(this, true)) {
      throw new IllegalStateException("a slice of " + segment.path() + " was closed twice");
    }
    segment.release();
  }
}
