package io.sampo.cluster.replication;

import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.util.ByteString;

/**
 * The sending end of a connection between replicas. What it has no room for is dropped: whoever
 * waits for it asks again. Safe from any thread.
 */
final class OutgoingFrames {
  private final BoundedSourceQueue<ByteString> queue;

  OutgoingFrames(BoundedSourceQueue<ByteString> queue) {
    this.queue = queue;
  }

  boolean isOpen() {
    return !queue.isCompleted();
  }

  void send(ByteString frame) {
    queue.offer(frame);
  }

  /** Ends the connection once all is sent; nothing happens when it has ended already. */
  void close() {
    try {
      queue.complete();
    } catch (IllegalStateException e) {
      // That is how the queue says that the other side, or somebody here, was first.
      return;
    }
  }
}
