package io.sampo.actors.transaction;

import io.sampo.actors.group.CrossQueueWriter;
import io.sampo.actors.group.CrossQueueWriter.WriteReply;
import io.sampo.actors.group.CrossQueueWriter.Written;
import io.sampo.actors.transaction.TransactionChecker.Command;
import io.sampo.actors.transaction.TransactionChecker.Home;
import io.sampo.actors.transaction.TransactionChecker.InternalCommand;
import io.sampo.cluster.replication.Undeliverable;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TransactionChecker} that reads what is undecided; requests wait meanwhile, up to a
 * limit.
 *
 * <p>When a leadership begins everything in the log is committed and nothing is on its way. After a
 * failure of the actor its own writes may still be: then a first event is written behind them, and
 * only when that is stored everything is there to be read.
 */
final class TransactionRecovery extends AbstractBehavior<Command> {
  private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

  /** Goes on reading. */
  enum ReadOn implements InternalCommand {
    INSTANCE
  }

  private record Started(WriteReply reply) implements InternalCommand {}

  private enum StartAgain implements InternalCommand {
    INSTANCE
  }

  private final Home home;
  private final TimerScheduler<Command> timers;
  private final StashBuffer<Command> stash;
  private @Nullable HalfRecovery recovery;

  TransactionRecovery(
      ActorContext<Command> context,
      Home home,
      TimerScheduler<Command> timers,
      StashBuffer<Command> stash,
      boolean ranBefore) {
    super(context);
    context.setLoggerName(TransactionRecovery.class);
    this.home = home;
    this.timers = timers;
    this.stash = stash;
    if (ranBefore) {
      writeStarted();
    } else {
      context.getSelf().tell(ReadOn.INSTANCE);
    }
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessageEquals(ReadOn.INSTANCE, this::onReadOn)
        .onMessage(Started.class, this::onStarted)
        .onMessageEquals(StartAgain.INSTANCE, this::onStartAgain)
        .onMessage(TransactionRequests.Request.class, this::onEarly)
        .onMessage(TransactionChecker.LogAnswered.class, this::onLogAnswered)
        .onMessage(InternalCommand.class, late -> this) // of the one before that failed
        .onSignal(PostStop.class, stopped -> onEnd())
        .onSignal(PreRestart.class, restart -> onEnd())
        .build();
  }

  private Behavior<Command> onLogAnswered(TransactionChecker.LogAnswered answered) {
    answered.goOn();
    return this;
  }

  private void writeStarted() {
    HalfEvent event = new HalfEvent.Started(HalfRecovery.newestSnapshot(home.log()));
    ActorRef<Command> self = getContext().getSelf();
    home.writer()
        .tell(
            new CrossQueueWriter.Write(
                List.of(TransactionChecker.draft(event)), reply -> self.tell(new Started(reply))));
  }

  private Behavior<Command> onStarted(Started started) {
    if (started.reply() instanceof Written) {
      return onReadOn();
    }
    getContext()
        .getLog()
        .warn("{}: transactions wait, as the log refuses: {}", home.logGroup(), started.reply());
    timers.startSingleTimer(StartAgain.INSTANCE, RETRY_DELAY);
    return this;
  }

  private Behavior<Command> onStartAgain() {
    writeStarted();
    return this;
  }

  private Behavior<Command> onReadOn() {
    if (recovery == null) {
      recovery =
          new HalfRecovery(
              home.log(), home.settings().limits(), home.settings().timeout().toMillis());
    }
    if (recovery.step()) {
      getContext().getSelf().tell(ReadOn.INSTANCE);
      return this;
    }
    return stash.unstashAll(new TransactionChecker(getContext(), home, timers, recovery.result()));
  }

  private Behavior<Command> onEarly(TransactionRequests.Request request) {
    if (stash.isFull()) {
      request.undelivered();
    } else {
      stash.stash(request);
    }
    return this;
  }

  private Behavior<Command> onEnd() {
    stash.forEach(
        command -> {
          if (command instanceof Undeliverable request) {
            request.undelivered();
          }
        });
    return this;
  }
}
