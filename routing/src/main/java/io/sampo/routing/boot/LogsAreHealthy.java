package io.sampo.routing.boot;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/**
 * Says no at {@code /ready} once a log of this node has failed: it serves the others, but somebody
 * should look. Made by Pekko Management, by its name in node-pekko.conf. Any thread.
 */
public final class LogsAreHealthy implements Supplier<CompletionStage<Boolean>> {
  private final FailedLogs failed;

  public LogsAreHealthy(ActorSystem system) {
    this.failed = FailedLogs.get(Adapter.toTyped(system));
  }

  @Override
  public CompletionStage<Boolean> get() {
    return CompletableFuture.completedStage(failed.isEmpty());
  }
}
