package io.sampo.cluster.net;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Told what happens on a connection. Runs on the loop's thread, which it must not hold up. An
 * exception that it throws ends its connection and no other; an {@link Error} ends the loop.
 */
public interface FrameHandler {
  /**
   * A whole frame came.
   *
   * @param frame with its length in front; the handler's own
   */
  void onFrame(FrameConnection connection, ByteBuffer frame);

  /** Nothing was sent for a while. */
  default void onQuiet(FrameConnection connection) {}

  /**
   * The connection has ended, or never came about. Told once.
   *
   * @param cause null when one of the two sides wanted it
   */
  void onClosed(FrameConnection connection, @Nullable Throwable cause);
}
