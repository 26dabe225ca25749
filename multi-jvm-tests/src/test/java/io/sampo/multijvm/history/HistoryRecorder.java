package io.sampo.multijvm.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Collects a history while it happens. Any thread may record; deliveries keep the order in which
 * they are recorded, so a test that judges order lets one thread per session deliver.
 */
public final class HistoryRecorder {
  private final boolean retried;
  private final AtomicLong nextKey = new AtomicLong();
  private final List<Sent> sent = new ArrayList<>();
  private final List<Received> received = new ArrayList<>();
  private final Set<Long> awaited = ConcurrentHashMap.newKeySet();
  private final Set<Long> came = ConcurrentHashMap.newKeySet();
  private final AtomicInteger acknowledged = new AtomicInteger();

  public HistoryRecorder() {
    this(false);
  }

  /**
   * @param retried the recorded sends are of clients that try again by themselves
   */
  public HistoryRecorder(boolean retried) {
    this.retried = retried;
  }

  /** A key that no other send of this history has. */
  public long newKey() {
    return nextKey.getAndIncrement();
  }

  /** A send was acknowledged. */
  public synchronized void acknowledged(long key, Place place, long startedNanos) {
    Sent send = Sent.acknowledged(key, place, startedNanos, System.nanoTime());
    sent.add(retried ? send.withRetries() : send);
    acknowledged.incrementAndGet();
    if (!came.contains(key)) {
      awaited.add(key);
    }
  }

  /** A send failed in a way that leaves open whether it is stored. */
  public synchronized void unknown(long key, long startedNanos) {
    sent.add(Sent.unknown(key, startedNanos, System.nanoTime()));
  }

  /** A message was acknowledged, and then taken back before it was delivered. */
  public synchronized void withdrawn(long key, long startedNanos) {
    sent.add(Sent.withdrawn(key, startedNanos, System.nanoTime()));
  }

  /** A listener got a message. */
  public synchronized void received(String session, long key, Place place) {
    received.add(new Received(session, key, place));
    came.add(key);
    awaited.remove(key);
  }

  /** How many sends were acknowledged so far. */
  public int acknowledgedCount() {
    return acknowledged.get();
  }

  /** How many sends ended so. */
  public synchronized long count(Sent.Outcome outcome) {
    return sent.stream().filter(send -> send.outcome() == outcome).count();
  }

  /** The longest time in which no send was acknowledged, from the first to the last that was. */
  public synchronized Duration longestSilence() {
    return Silence.longest(sent);
  }

  /** The longest time in which one broker acknowledged nothing. */
  public synchronized Duration longestSilenceOfABroker() {
    return Silence.longestOfABroker(sent);
  }

  /** How many sends ended, whatever their outcome. */
  public synchronized int sentCount() {
    return sent.size();
  }

  /** How many brokers acknowledged something so far. */
  public synchronized int brokerCount() {
    return (int)
        sent.stream()
            .filter(send -> send.outcome() == Sent.Outcome.ACKNOWLEDGED)
            .map(send -> send.place().broker())
            .distinct()
            .count();
  }

  /** The keys of the sends that were acknowledged so far. */
  public synchronized Set<Long> acknowledgedKeys() {
    return sent.stream()
        .filter(send -> send.outcome() == Sent.Outcome.ACKNOWLEDGED)
        .map(Sent::key)
        .collect(Collectors.toSet());
  }

  /** How many deliveries were made so far, repeated ones included. */
  public synchronized int receivedCount() {
    return received.size();
  }

  /** How many acknowledged messages have not come yet. */
  public int missingCount() {
    return awaited.size();
  }

  /** What is wrong with the history up to now. */
  public synchronized List<AckedHistory.Violation> violations(AckedHistory.Promise promise) {
    return AckedHistory.violations(promise, List.copyOf(sent), List.copyOf(received));
  }
}
