package io.sampo.cluster.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.CommitLogSettings;
import io.sampo.cluster.replication.DeadLetterReclaimer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** Runs the log of a log group in an actor system, as a node does: open, and led. */
final class LedLog {
  private static final Duration SOON = Duration.ofSeconds(30);

  private LedLog() {}

  /** What an actor system needs to keep its persistent state below a folder. */
  static Config config(Path dataDir) {
    return ConfigFactory.parseMap(
            Map.of(
                "sampo.data-dir", dataDir.toString(),
                "sampo.log.segment-size", "256 KiB",
                "sampo.log.preallocate-step", "64 KiB",
                "pekko.persistence.journal.plugin", "sampo.journal",
                "pekko.persistence.snapshot-store.plugin", "sampo.snapshot-store"))
        .withFallback(ConfigFactory.load());
  }

  /** Opens and leads a log group's log; the dead letters are given back. */
  static ActorRef<CommitLog.Command> start(ActorSystem<?> system, String logGroup)
      throws InterruptedException {
    system.systemActorOf(DeadLetterReclaimer.create(), "reclaimer-" + logGroup, Props.empty());
    ActorRef<CommitLog.Command> commitLog =
        system.systemActorOf(
            CommitLog.create(logGroup, CommitLogSettings.of(system.settings().config())),
            "commit-log-" + logGroup,
            CommitLog.dispatcher());
    lead(system, commitLog);
    return commitLog;
  }

  /** Begins a new leadership. */
  static void lead(ActorSystem<?> system, ActorRef<CommitLog.Command> commitLog)
      throws InterruptedException {
    CompletableFuture<CommitLog.LeadReply> reply =
        AskPattern.<CommitLog.Command, CommitLog.LeadReply>ask(
                commitLog, CommitLog.Lead::new, SOON, system.scheduler())
            .toCompletableFuture();
    try {
      if (!(reply.get(SOON.toSeconds(), TimeUnit.SECONDS) instanceof CommitLog.Leading)) {
        throw new AssertionError("not led: " + reply.join());
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the log did not answer", e);
    }
  }

  /** Orders the log's actor to stop. */
  static void stop(ActorSystem<?> system, ActorRef<CommitLog.Command> commitLog) {
    system.classicSystem().stop(Adapter.toClassic(commitLog));
  }
}
