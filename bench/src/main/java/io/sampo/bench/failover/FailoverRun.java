package io.sampo.bench.failover;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A cluster under load, and one fault after the other: each befalls the node that leads a log
 * group, when all is well again after the one before.
 */
public final class FailoverRun implements AutoCloseable {
  private static final Duration WAIT_MAX = Duration.ofMinutes(2);
  private static final int LOOK_MILLIS = 20;

  /** So many sends that a log group acknowledged show that it is led: a second of its share. */
  private static final int FLOWING = 300;

  private static final int CALM_MILLIS = 1_500;

  private final FaultyCluster cluster;
  private final LoadClients clients;

  private FailoverRun(FaultyCluster cluster, LoadClients clients) {
    this.cluster = cluster;
    this.clients = clients;
  }

  /**
   * Starts the clients; returns when every log group acknowledges sends.
   *
   * @param directory for what clients write
   * @param classPath of the clients
   */
  public static FailoverRun start(
      FaultyCluster cluster, Path directory, String classPath, int perSecond)
      throws IOException, InterruptedException {
    for (int i = 0; i < FaultyCluster.NODES; i++) {
      int node = i;
      await("node " + node + " leads", () -> cluster.ledNanos(node) != Long.MIN_VALUE);
    }
    LoadClients clients = new LoadClients(classPath, cluster.nameServers(), perSecond, directory);
    FailoverRun run = new FailoverRun(cluster, clients);
    try {
      run.awaitFlow();
      return run;
    } catch (IOException | InterruptedException | RuntimeException e) {
      run.close();
      throw e;
    }
  }

  /** Makes a fault, waits until a successor leads, mends it, waits until all is as before. */
  public Episode befall(Fault fault, int node) throws IOException, InterruptedException {
    TimeUnit.MILLISECONDS.sleep(CALM_MILLIS);
    long began = System.nanoTime();
    cluster.strike(fault, node);
    await("a successor of node " + node, () -> cluster.successorNanos(node) > began);
    long led = cluster.successorNanos(node);
    TimeUnit.MILLISECONDS.sleep(CALM_MILLIS);
    long mended = System.nanoTime();
    cluster.mend(fault, node);
    await("node " + node + " leads again", () -> cluster.ledNanos(node) > mended);
    awaitFlow();
    return new Episode(fault, new Episode.Times(began, led, mended, System.nanoTime()));
  }

  /** Waits until each log group acknowledges sends. */
  private void awaitFlow() throws IOException, InterruptedException {
    for (int i = 0; i < FaultyCluster.NODES; i++) {
      String logGroup = FaultyCluster.logGroup(i);
      long before = clients.acknowledged(logGroup);
      await(logGroup + " is sent to", () -> clients.acknowledged(logGroup) - before > FLOWING);
      clients.checkAlive();
    }
  }

  private static void await(String what, BooleanSupplier condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + WAIT_MAX.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("waited in vain: " + what);
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
  }

  /** Ends the load and gives what its clients saw. */
  public SendLog finish() throws IOException, InterruptedException {
    return clients.finish();
  }

  @Override
  public void close() {
    clients.close();
  }
}
