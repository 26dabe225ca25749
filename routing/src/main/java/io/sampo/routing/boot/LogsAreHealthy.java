package io.sampo.routing.boot;

import io.sampo.cluster.replication.LocalLogs;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/**
 * Says no at {@code /ready} once a log of this node has failed, and while one is stuck because its
 * disk doesn't answer: it serves the others, but somebody should look. Made by Pekko Management, by
 * its name in node-pekko.conf. Any thread.
 */
public final class LogsAreHealthy implements Supplier<CompletionStage<Boolean>> {
  private static final Duration STUCK = Duration.ofSeconds(5);

  private final FailedLogs failed;
  private final LocalLogs logs;

  public LogsAreHealthy(ActorSystem system) {
    this.failed = FailedLogs.get(Adapter.toTyped(system));
    this.logs = LocalLogs.get(Adapter.toTyped(system));
  }

  @Override
  public CompletionStage<Boolean> get() {
    return CompletableFuture.completedStage(
        failed.isEmpty() && logs.all().stream().noneMatch(log -> log.isStuckFor(STUCK)));
  }
}
