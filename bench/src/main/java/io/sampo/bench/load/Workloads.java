package io.sampo.bench.load;

import io.sampo.bench.load.Subscription.Style;
import java.util.List;

/** Every workload there is, in the order in which results are listed. */
public final class Workloads {
  private static final int KB = 1024;

  public static final List<Workload> ALL =
      List.of(
          Workload.of("sync-1", "sync sends of 1 KB, 1 thread", new SyncSends(1, KB)),
          Workload.of("sync-32", "sync sends of 1 KB, 32 threads", new SyncSends(32, KB)),
          Workload.of("async-128", "async sends of 128 B, window 1024", new AsyncSends(128, 1024)),
          Workload.of("async-1k", "async sends of 1 KB, window 1024", new AsyncSends(KB, 1024)),
          Workload.of(
              "async-16k", "async sends of 16 KB, window 128", new AsyncSends(16 * KB, 128)),
          Workload.of("batch-32", "batches of 32 of 1 KB, window 16", new BatchSends(KB, 32, 16)),
          Workload.of(
              "drain", "a consumer drains a backlog of 1 KB", new Drain(KB, 1, Style.CONCURRENT)),
          Workload.of(
              "tags",
              "a consumer of 1 tag in 10 drains a backlog of 1 KB",
              new Drain(KB, 10, Style.CONCURRENT)),
          Workload.of(
              "orderly",
              "an orderly consumer drains a backlog of 1 KB",
              new Drain(KB, 1, Style.ORDERLY)),
          Workload.of(
              "pop",
              "a consumer pops and acknowledges a backlog of 1 KB",
              new Drain(KB, 1, Style.POP)),
          Workload.of(
              "both", "sends and consumes 1 KB at once, window 1024", new SendAndConsume(KB, 1024)),
          Workload.of(
              "transactions",
              "transactions of 1 KB that commit at once, 32 threads",
              new Transactions(32, KB)),
          Workload.of(
              "delayed",
              "1 KB at 1 000/s, each due 5 s later; latency is how late it comes",
              new Delayed(KB, 1000, 5000)),
          Workload.of("paced", "async sends of 1 KB at half load, fixed rate", new PacedSends(KB)),
          Workload.of(
              "e2e",
              "1 KB from producer to consumer at 1 000/s, fixed rate",
              new EndToEnd(KB, 1000)),
          new Workload(
              "topics-1000",
              "async sends of 1 KB over 1 000 topics",
              new AsyncSends(KB, 1024),
              1000,
              4,
              Integer.MAX_VALUE),
          new Workload(
              "queues-10000",
              "async sends of 1 KB over 10 000 queues",
              new AsyncSends(KB, 1024),
              100,
              100,
              Integer.MAX_VALUE),
          new Workload(
              "memory",
              "resident memory after 10 million messages of 128 B",
              new Fill(128, 1024),
              1,
              Workload.USUAL_QUEUES,
              1),
          Workload.of("start", "process start to the first accepted message", new NoLoad()));

  private Workloads() {}

  /** The workload of a name. */
  public static Workload named(String name) {
    return ALL.stream()
        .filter(workload -> workload.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no workload "
                        + name
                        + "; there are "
                        + String.join(", ", ALL.stream().map(Workload::name).toList())));
  }
}
