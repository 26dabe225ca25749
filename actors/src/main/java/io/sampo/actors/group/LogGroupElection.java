package io.sampo.actors.group;

import io.sampo.cluster.replication.CommitLog;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * A log group that doesn't lead yet: asks the node's own replica to lead, again after a while when
 * there is none or it refuses, and keeps what comes meanwhile up to a limit. What comes beyond is
 * refused; a knock is dropped, as it is repeated anyway.
 *
 * <p>The log answers each {@code Lead} once or dies, and it is never asked twice at a time: an
 * older answer would name an epoch that is fenced off already.
 */
final class LogGroupElection extends AbstractBehavior<LogGroup.Command> {
  private record LogEnded(ActorRef<CommitLog.Command> log) implements LogGroup.InternalCommand {}

  private enum TryAgain implements LogGroup.InternalCommand {
    INSTANCE
  }

  private final LogGroup.Home home;
  private final StashBuffer<LogGroup.Command> stash;
  private final TimerScheduler<LogGroup.Command> timers;
  private final ActorRef<CommitLog.LeadReply> leadReplies;

  private @Nullable ActorRef<CommitLog.Command> asked;
  private Duration nextRetry;
  private @Nullable String lastReason;

  LogGroupElection(
      ActorContext<LogGroup.Command> context,
      LogGroup.Home home,
      StashBuffer<LogGroup.Command> stash,
      TimerScheduler<LogGroup.Command> timers) {
    super(context);
    this.home = home;
    this.stash = stash;
    this.timers = timers;
    this.leadReplies = context.messageAdapter(CommitLog.LeadReply.class, LogGroup.LogTold::new);
    this.nextRetry = home.settings().electionRetryMin();
    ask();
  }

  @Override
  public Receive<LogGroup.Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(LogGroup.LogTold.class, this::onLogTold)
        .onMessage(LogEnded.class, this::onLogEnded)
        .onMessageEquals(TryAgain.INSTANCE, this::onTryAgain)
        .onMessage(LogGroup.Retire.class, retire -> LogGroup.ended(stash))
        .onAnyMessage(this::onEarly)
        .build();
  }

  private void ask() {
    ActorRef<CommitLog.Command> log = home.localLogs().apply(home.logGroup());
    if (log == null) {
      retryLater("this node has no replica of it");
      return;
    }
    asked = log;
    getContext().watchWith(log, new LogEnded(log));
    log.tell(new CommitLog.Lead(leadReplies));
  }

  private Behavior<LogGroup.Command> onLogTold(LogGroup.LogTold told) {
    ActorRef<CommitLog.Command> log = asked;
    if (log == null) { // from a log that ended right after it answered
      return this;
    }
    if (told.reply() instanceof CommitLog.Leading leading) {
      getContext().unwatch(log);
      timers.cancelAll();
      Leadership leadership = new Leadership(home.logGroup(), leading.epoch(), leading.log(), log);
      return stash.unstashAll(new LogGroupLeader(getContext(), timers, home, leadership));
    }
    if (told.reply() instanceof CommitLog.LeadRefused refused) {
      getContext().unwatch(log);
      asked = null;
      retryLater(refused.reason());
    }
    return this;
  }

  private Behavior<LogGroup.Command> onLogEnded(LogEnded ended) {
    if (ended.log().equals(asked)) {
      asked = null;
      retryLater("its log ended before it answered");
    }
    return this;
  }

  private Behavior<LogGroup.Command> onTryAgain() {
    ask();
    return this;
  }

  /** Says the reason once, not each time. */
  private void retryLater(String reason) {
    if (!reason.equals(lastReason)) {
      lastReason = reason;
      getContext().getLog().warn("{} can't be led here: {}", home.logGroup(), reason);
    }
    timers.startSingleTimer(TryAgain.INSTANCE, nextRetry);
    Duration doubled = nextRetry.multipliedBy(2);
    Duration most = home.settings().electionRetryMax();
    nextRetry = doubled.compareTo(most) < 0 ? doubled : most;
  }

  private Behavior<LogGroup.Command> onEarly(LogGroup.Command command) {
    if (stash.isFull()) {
      LogGroup.refuse(command, home.logGroup() + " is not led yet and too many wait for it");
    } else {
      stash.stash(command);
    }
    return this;
  }
}
