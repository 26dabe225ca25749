package io.sampo.routing.net;

/**
 * The answers of one connection that its client hasn't taken. Records of the node's own log may be
 * many, because they are views of files; the rest is memory and may be much less. Event loop only.
 */
final class UntakenAnswers {
  private final FrameBatch frames;
  private final NetSettings.Limits limits;
  private final AnswerMemory.Share memory;
  private boolean watching;
  private boolean closed;

  UntakenAnswers(FrameBatch frames, NetSettings.Limits limits, AnswerMemory.Share memory) {
    this.frames = frames;
    this.limits = limits;
    this.memory = memory;
  }

  /** Counts again, after each flush. True when they are too many, and the connection has to go. */
  boolean areTooMany() {
    count();
    return frames.pendingBytes() > limits.writeMaxBytes()
        || frames.memoryBytes() > limits.writeMemoryBytes();
  }

  /** The connection is closed. */
  void close() {
    closed = true;
    memory.set(0);
  }

  private void count() {
    long inMemory = frames.memoryBytes();
    memory.set(inMemory);
    if (inMemory > 0 && !watching) { // a slow client; usually a flush leaves nothing
      watching = true;
      frames.onceWritten(this::onWritten);
    }
  }

  private void onWritten() {
    watching = false;
    if (!closed) {
      count();
    }
  }
}
