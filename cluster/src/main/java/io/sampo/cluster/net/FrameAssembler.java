package io.sampo.cluster.net;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what comes over a connection into frames: four bytes, big-endian, say how many follow them.
 * It takes memory as bytes come and not as a length promises them. One thread.
 */
final class FrameAssembler {
  private static final int LENGTH_BYTES = Integer.BYTES;
  private static final int FIRST_BYTES = 64 << 10;

  private final int frameBytesMax;
  private final ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES);

  /** The frame that has begun, its length included; null while that isn't known. */
  private byte @Nullable [] frame;

  private int frameBytes;
  private int filled;

  FrameAssembler(int frameBytesMax) {
    this.frameBytesMax = frameBytesMax;
  }

  /**
   * Takes bytes up to the end of a frame.
   *
   * @return the frame; null when it isn't whole yet and all bytes are taken
   * @throws BrokenFrameException when a frame has a length that none may have
   */
  @Nullable ByteBuffer next(ByteBuffer received) {
    byte[] begun = frame;
    if (begun == null) {
      begun = begin(received);
      if (begun == null) {
        return null;
      }
    }
    int taken = Math.min(frameBytes - filled, received.remaining());
    if (filled + taken > begun.length) {
      begun = Arrays.copyOf(begun, roomFor(filled + taken));
      frame = begun;
    }
    received.get(begun, filled, taken);
    filled += taken;
    if (filled < frameBytes) {
      return null;
    }
    frame = null;
    length.clear();
    return ByteBuffer.wrap(begun, 0, frameBytes);
  }

  private byte @Nullable [] begin(ByteBuffer received) {
    while (length.hasRemaining()) {
      if (!received.hasRemaining()) {
        return null;
      }
      length.put(received.get());
    }
    int following = length.getInt(0);
    if (following < 0 || following > frameBytesMax - LENGTH_BYTES) {
      throw new BrokenFrameException(
          "expected a frame of at most %d bytes, found one of %d more"
              .formatted(frameBytesMax, following));
    }
    frameBytes = LENGTH_BYTES + following;
    byte[] begun = new byte[Math.min(frameBytes, Math.max(FIRST_BYTES, received.remaining()))];
    length.get(0, begun, 0, LENGTH_BYTES);
    filled = LENGTH_BYTES;
    frame = begun;
    return begun;
  }

  private int roomFor(int needed) {
    return (int) Math.min(frameBytes, Math.max(needed, 2L * needed));
  }
}
