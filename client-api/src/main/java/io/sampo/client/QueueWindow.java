package io.sampo.client;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one queue that were pulled and are not all processed. They start in order, at
 * most so many at a time, and whichever order they end in, the lowest offset that isn't processed
 * is known: that is what may be committed.
 *
 * <p>A message whose listener has failed keeps its place among those that run until it succeeds.
 *
 * <p>Thread-safe by its monitor, which is held for a few instructions only.
 */
final class QueueWindow {
  private final int runningMax;
  private final int messagesMax;
  private final long bytesMax;

  /** All that isn't known to be processed, in order; ended ones behind one that isn't, too. */
  private final Deque<Entry> entries = new ArrayDeque<>();

  private final Deque<Entry> waiting = new ArrayDeque<>();
  private int running;
  private int executing;
  private long bytes;
  private long endOffset;
  private int generation;
  private boolean closed;
  private @Nullable Runnable onIdle;

  QueueWindow(int runningMax, int messagesMax, long bytesMax) {
    this.runningMax = runningMax;
    this.messagesMax = messagesMax;
    this.bytesMax = bytesMax;
  }

  /** Drops everything and goes on at an offset; what runs is let run, its end no longer counts. */
  synchronized void reset(long offset) {
    entries.clear();
    waiting.clear();
    bytes = 0;
    running = 0;
    generation++;
    endOffset = offset;
  }

  /**
   * Adds what a pull has brought.
   *
   * @param newEndOffset where the next pull starts; beyond the messages when others were left out
   */
  synchronized void add(List<ReceivedMessage> messages, long newEndOffset) {
    for (ReceivedMessage message : messages) {
      Entry entry = new Entry(message, generation);
      entries.addLast(entry);
      waiting.addLast(entry);
      bytes += message.sizeBytes();
    }
    endOffset = newEndOffset;
  }

  synchronized boolean hasRoom() {
    return entries.size() < messagesMax && bytes < bytesMax;
  }

  /** Starts the next message; null when there is none or enough run. */
  synchronized @Nullable Entry start() {
    if (closed || running >= runningMax) {
      return null;
    }
    Entry entry = waiting.pollFirst();
    if (entry != null) {
      running++;
      executing++;
    }
    return entry;
  }

  /**
   * A message is processed.
   *
   * @return true when this made room where there was none
   */
  synchronized boolean succeeded(Entry entry) {
    boolean hadRoom = hasRoom();
    if (isCurrent(entry)) {
      running--;
      entry.processed = true;
      for (Entry head = entries.peekFirst();
          head != null && head.processed;
          head = entries.peekFirst()) {
        entries.removeFirst();
        bytes -= head.message.sizeBytes();
      }
    }
    stopped();
    return !hadRoom && hasRoom();
  }

  /** The listener has failed. The message keeps its place; {@link #restart} comes later. */
  synchronized void failed(Entry entry) {
    entry.failures++;
    stopped();
  }

  /** Before a message is tried again; false when nobody wants it any more. */
  synchronized boolean restart(Entry entry) {
    if (closed || !isCurrent(entry)) {
      return false;
    }
    executing++;
    return true;
  }

  /** The lowest offset that is not processed: what a later consumer has to start at. */
  synchronized long lowestUnprocessed() {
    Entry head = entries.peekFirst();
    return head == null ? endOffset : head.message.queueOffset();
  }

  /** Where the next pull starts. */
  synchronized long endOffset() {
    return endOffset;
  }

  /**
   * Starts nothing any more.
   *
   * @param whenIdle run once, as soon as no listener runs; at once when that is so already
   */
  void close(Runnable whenIdle) {
    synchronized (this) {
      closed = true;
      if (executing > 0) {
        onIdle = whenIdle;
        return;
      }
    }
    whenIdle.run();
  }

  private void stopped() {
    executing--;
    Runnable idle = onIdle;
    if (executing == 0 && idle != null) {
      onIdle = null;
      idle.run();
    }
  }

  private boolean isCurrent(Entry entry) {
    return entry.generation == generation;
  }

  /** A message and how it goes with it. */
  static final class Entry {
    private final ReceivedMessage message;
    private final int generation;
    private boolean processed;
    private int failures;

    private Entry(ReceivedMessage message, int generation) {
      this.message = message;
      this.generation = generation;
    }

    ReceivedMessage message() {
      return message;
    }

    /** How often the listener has failed; to be read by who reported the last failure. */
    int failures() {
      return failures;
    }
  }
}
