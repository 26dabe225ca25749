package io.sampo.multijvm;

import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.HistoryRecorder;
import io.sampo.multijvm.history.Place;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.Delay;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.OfficialProducer.DelayedReceipt;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Producers of both versions that send in every way at once, each message by one try, and record
 * what they hear: to a topic of mixed messages singly, in batches, for later and in transactions,
 * and to a topic of ordered messages queue by queue.
 */
final class AllFeaturesProducers implements AutoCloseable {
  static final int QUEUES = 4;

  private static final int ILLEGAL_OPERATION = 604;
  private static final int BATCH_MAX = 8;
  private static final int RECALLED_MS = 5_000;
  private static final int ONE_OF_RECALLED = 4;
  private static final Duration SINGLE_PAUSE = Duration.ofMillis(30);
  private static final Duration ORDERED_PAUSE = Duration.ofMillis(15);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final String mixedTopic;
  private final String orderedTopic;
  private final HistoryRecorder mixed = new HistoryRecorder();
  private final HistoryRecorder ordered = new HistoryRecorder();
  private final Deciders deciders = new Deciders();
  private final Map<Long, Long> dueMs = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Transaction> transactions = new ConcurrentLinkedQueue<>();
  private final OfficialProducer v4;
  private final OfficialProducer v5;
  private final OfficialProducer transactional4;
  private final OfficialProducer transactional5;
  private final Deque<SendLoop> loops = new ArrayDeque<>();

  private record Transaction(long key, long startedNanos) {}

  /** Creates both topics. */
  AllFeaturesProducers(NodeProcess node, String mixedTopic, String orderedTopic)
      throws ClientFailed {
    this.mixedTopic = mixedTopic;
    this.orderedTopic = orderedTopic;
    ProducerSpec spec =
        ProducerSpec.of(node.nameServer(), Names.fresh("producers")).withoutRetries();
    ProducerSpec deciding =
        ProducerSpec.of(node.nameServer(), Names.fresh("deciders")).withoutRetries();
    v4 = ClientVersion.V4.client().startProducer(spec);
    v5 = ClientVersion.V5.client().startProducer(spec);
    transactional4 = ClientVersion.V4.client().startTransactionProducer(deciding, deciders);
    transactional5 = ClientVersion.V5.client().startTransactionProducer(deciding, deciders);
    v5.createTopic(mixedTopic, QUEUES);
    v5.createTopic(orderedTopic, QUEUES);
  }

  /** Sends until {@link #stop}. */
  void start() {
    loop("single", SINGLE_PAUSE, () -> sendSingle(v4, mixedTopic, mixed));
    loop("ordered", ORDERED_PAUSE, () -> sendSingle(v5, orderedTopic, ordered));
    loop("batch", PAUSE, this::sendBatch);
    loop("later-4", PAUSE, () -> sendLater(v4));
    loop("later-5", PAUSE, () -> sendLater(v5));
    loop("transactional-4", PAUSE, () -> sendInTransaction(transactional4));
    loop("transactional-5", PAUSE, () -> sendInTransaction(transactional5));
  }

  private void loop(String name, Duration pause, SendLoop.Step step) {
    loops.add(SendLoop.start(name, pause, step));
  }

  private static void sendSingle(OfficialProducer producer, String topic, HistoryRecorder history)
      throws ClientFailed {
    long key = history.newKey();
    long started = System.nanoTime();
    try {
      Receipt receipt =
          producer.send(MixedMessages.of(topic, key), Math.floorMod(key * 13 / 5, QUEUES));
      history.acknowledged(key, place(receipt, 0), started);
    } catch (ClientFailed e) {
      history.unknown(key, started);
      throw e;
    }
  }

  private static Place place(Receipt receipt, int index) {
    return new Place(receipt.queueId(), receipt.queueOffset() + index);
  }

  private void sendBatch() throws ClientFailed {
    List<Long> keys = new ArrayList<>();
    List<Outgoing> batch = new ArrayList<>();
    long first = mixed.newKey();
    for (long key = first; batch.isEmpty() || batch.size() <= first % BATCH_MAX; key = next()) {
      keys.add(key);
      batch.add(MixedMessages.of(mixedTopic, key));
    }
    long started = System.nanoTime();
    try {
      Receipt receipt = v5.sendBatch(batch);
      for (int i = 0; i < keys.size(); i++) {
        mixed.acknowledged(keys.get(i), place(receipt, i), started);
      }
    } catch (ClientFailed e) {
      keys.forEach(key -> mixed.unknown(key, started));
      throw e;
    }
  }

  private long next() {
    return mixed.newKey();
  }

  /** By a level, or so many milliseconds later; some of the latter are recalled at once. */
  private void sendLater(OfficialProducer producer) throws ClientFailed {
    long key = mixed.newKey();
    boolean byLevel = key % 3 == 0;
    boolean recalled = !byLevel && producer == v5 && key % ONE_OF_RECALLED == 0;
    long delayMs = byLevel ? 1_000 + 1_000 * (key % 2) : 500 + key * 211 % 5_000;
    delayMs += recalled ? RECALLED_MS : 0;
    long started = System.nanoTime();
    dueMs.put(key, System.currentTimeMillis() + delayMs);
    try {
      DelayedReceipt receipt =
          producer.sendDelayed(
              MixedMessages.of(mixedTopic, key),
              byLevel ? Delay.level(1 + (int) (key % 2)) : Delay.millis(delayMs));
      if (recalled) {
        recall(key, receipt.recallHandle(), started);
      } else {
        mixed.acknowledged(key, Place.NONE, started);
      }
    } catch (ClientFailed e) {
      mixed.unknown(key, started);
      throw e;
    }
  }

  private void recall(long key, String handle, long started) throws ClientFailed {
    try {
      v5.recall(mixedTopic, handle);
      mixed.withdrawn(key, started);
    } catch (ClientFailed e) {
      if (e.code() != ILLEGAL_OPERATION) {
        throw e; // it may have been carried out
      }
      mixed.acknowledged(key, Place.NONE, started);
    }
  }

  private void sendInTransaction(OfficialProducer producer) throws ClientFailed {
    long key = mixed.newKey();
    transactions.add(new Transaction(key, System.nanoTime()));
    producer.sendInTransaction(MixedMessages.of(mixedTopic, key));
  }

  /** Ends the senders; the producers stay, to be asked about transactions. */
  void stop() throws InterruptedException {
    while (!loops.isEmpty()) {
      loops.removeFirst().stop();
    }
  }

  /** Records how the transactions ended, once none is open. */
  void recordTransactions() {
    transactions.forEach(
        transaction -> {
          if (deciders.isCommitted(transaction.key())) {
            mixed.acknowledged(transaction.key(), Place.NONE, transaction.startedNanos());
          } else {
            mixed.withdrawn(transaction.key(), transaction.startedNanos());
          }
        });
  }

  HistoryRecorder mixed() {
    return mixed;
  }

  HistoryRecorder ordered() {
    return ordered;
  }

  Deciders deciders() {
    return deciders;
  }

  /** When delayed messages may come at the earliest, in milliseconds since 1970. */
  Map<Long, Long> dueMs() {
    return dueMs;
  }

  @Override
  public void close() throws InterruptedException {
    try {
      stop();
    } finally {
      List.of(v4, v5, transactional4, transactional5).forEach(OfficialProducer::close);
    }
  }
}
