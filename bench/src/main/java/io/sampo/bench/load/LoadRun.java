package io.sampo.bench.load;

import io.sampo.bench.load.LoadResult.Figure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * One run of a load: what it works with, and the place where its measured stretch begins and ends.
 * The stretch is announced on standard output ("@begin", "@end"), so that a profiler can be started
 * and stopped with it. Used by the load's main thread alone.
 */
final class LoadRun {
  private static final long STORED_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long FIRST_SEND_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Workload workload;
  private final LoadAmount amount;
  private final LoadClient client;
  private final ServerProbe probe;
  private final Recorder latencies = new Recorder(3);
  private final LoadResult result = new LoadResult();
  private int bodyBytes;
  private long messagesAtBegin;
  private @Nullable ServerCost costAtBegin;

  LoadRun(Workload workload, LoadAmount amount, LoadClient client, ServerProbe probe) {
    this.workload = workload;
    this.amount = amount;
    this.client = client;
    this.probe = probe;
  }

  LoadAmount amount() {
    return amount;
  }

  LoadClient client() {
    return client;
  }

  LoadResult result() {
    return result;
  }

  /** Takes nanoseconds; only those of the measured stretch count. */
  Recorder latencies() {
    return latencies;
  }

  /** Bytes that don't compress, the same in every run. */
  byte[] filler(int bytes) {
    byte[] filler = new byte[bytes];
    new Random(20111).nextBytes(filler);
    bodyBytes = bytes;
    return filler;
  }

  /** Brings the topics into being by sending to each, and says their names. */
  List<String> openTopics(SendLedger ledger, byte[] body) throws Exception {
    client.startSending(workload.queuesPerTopic());
    List<String> topics = new ArrayList<>();
    for (int i = 0; i < workload.topics(); i++) {
      String topic = "bench-" + workload.name() + "-" + i;
      sendFirst(topic, body);
      ledger.ended(1, null);
      topics.add(topic);
    }
    return topics;
  }

  /** A server that has just started may not know its way to the topic yet. */
  private void sendFirst(String topic, byte[] body) throws Exception {
    long deadline = System.nanoTime() + FIRST_SEND_TIMEOUT_NANOS;
    while (true) {
      try {
        client.openTopic(topic, workload.queuesPerTopic(), body);
        return;
      } catch (Exception e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
  }

  /** Lets the load run: unmeasured for the warm-up, then measured. */
  void measureFor(LongSupplier messages) throws Exception {
    TimeUnit.NANOSECONDS.sleep(amount.warmUp().toNanos());
    begin(messages.getAsLong());
    TimeUnit.NANOSECONDS.sleep(amount.measured().toNanos());
    end(messages.getAsLong());
  }

  /** The measured stretch begins. */
  void begin(long messages) throws IOException {
    System.out.println("@begin");
    latencies.reset();
    messagesAtBegin = messages;
    costAtBegin = probe.cost();
  }

  /** The measured stretch ends; what it cost becomes the result. */
  void end(long messages) throws IOException {
    ServerCost begin = costAtBegin;
    if (begin == null) {
      throw new IllegalStateException("ended before it began");
    }
    ServerCost end = probe.cost();
    Histogram histogram = latencies.getIntervalHistogram();
    System.out.println("@end");
    long count = messages - messagesAtBegin;
    double seconds = (end.atNanos() - begin.atNanos()) / 1e9;
    result.put(Figure.MESSAGES, (double) count);
    result.put(Figure.SECONDS, seconds);
    result.put(Figure.RESIDENT_MIB, probe.statusKb("VmRSS") / 1024.0);
    result.put(Figure.RESIDENT_ANONYMOUS_MIB, probe.statusKb("RssAnon") / 1024.0);
    if (count > 0) {
      putCosts(begin, end, count, seconds);
    }
    if (histogram.getTotalCount() > 0) {
      result.put(Figure.P50_MICROS, histogram.getValueAtPercentile(50) / 1e3);
      result.put(Figure.P99_MICROS, histogram.getValueAtPercentile(99) / 1e3);
      result.put(Figure.P999_MICROS, histogram.getValueAtPercentile(99.9) / 1e3);
    }
  }

  private void putCosts(ServerCost begin, ServerCost end, long count, double seconds) {
    double millions = count / 1e6;
    double serverSeconds =
        (end.serverCpuTicks() - begin.serverCpuTicks()) / (double) ServerProbe.TICKS_PER_SECOND;
    double clientSeconds = (end.clientCpuNanos() - begin.clientCpuNanos()) / 1e9;
    double machineSeconds =
        (end.machineCpuTicks() - begin.machineCpuTicks()) / (double) ServerProbe.TICKS_PER_SECOND;
    double others = Math.max(0, machineSeconds - serverSeconds - clientSeconds);
    int cores = Runtime.getRuntime().availableProcessors();
    result.put(Figure.MESSAGES_PER_SECOND, count / seconds);
    result.put(Figure.MEGABYTES_PER_SECOND, count / seconds * bodyBytes / 1e6);
    result.put(Figure.SERVER_CPU_SECONDS_PER_MILLION, serverSeconds / millions);
    result.put(Figure.CLIENT_CPU_SECONDS_PER_MILLION, clientSeconds / millions);
    result.put(Figure.OTHERS_CPU_PERCENT, 100 * others / (seconds * cores));
    if (!end.allocatedBytes().isEmpty()) {
      result.put(Figure.ALLOCATED_BYTES_PER_MESSAGE, end.allocatedSince(begin) / (double) count);
    }
  }

  /**
   * Every message that was acknowledged must be in the queues, and nothing but what was sent. A
   * send that failed may have been stored all the same.
   */
  void checkStored(List<String> topics, SendLedger ledger) throws Exception {
    long acknowledged = ledger.acknowledged();
    long most = acknowledged + ledger.failed();
    long deadline = System.nanoTime() + STORED_TIMEOUT_NANOS;
    long stored = stored(topics);
    while (stored < acknowledged && System.nanoTime() - deadline < 0) {
      TimeUnit.MILLISECONDS.sleep(50); // an index may be filled a moment after the answer
      stored = stored(topics);
    }
    if (stored < acknowledged || stored > most) {
      result.invalid("acknowledged " + acknowledged + " messages, but stored " + stored);
    }
    checkSent(ledger);
  }

  /** Waits until every send has had its answer; a consumer may have its message before that. */
  void awaitEnded(SendLedger ledger, long sends) throws InterruptedException {
    long deadline = System.nanoTime() + STORED_TIMEOUT_NANOS;
    while (ledger.acknowledged() + ledger.failed() < sends) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("sends got no answer in 10 s");
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  /** Refused sends make a throughput that nobody wants. */
  void checkSent(SendLedger ledger) {
    Throwable failure = ledger.firstFailure();
    if (failure != null) {
      result.invalid(ledger.failed() + " sends failed, the first with " + failure);
    }
  }

  /** Every message once. */
  void checkDelivered(Deliveries deliveries, long expected) {
    if (deliveries.count() != expected) {
      result.invalid("delivered " + deliveries.count() + " of " + expected + " messages");
    }
    if (deliveries.doubled() > 0) {
      result.invalid(deliveries.doubled() + " messages were delivered twice");
    }
    if (deliveries.foreign() > 0) {
      result.invalid(deliveries.foreign() + " messages were delivered that were not asked for");
    }
  }

  private long stored(List<String> topics) throws Exception {
    long stored = 0;
    for (String topic : topics) {
      stored += client.storedMessages(topic);
    }
    return stored;
  }
}
