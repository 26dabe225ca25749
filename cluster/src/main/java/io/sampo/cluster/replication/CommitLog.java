package io.sampo.cluster.replication;

import io.sampo.cluster.net.FrameConnection;
import io.sampo.cluster.protocol.ReplicaEffect;
import io.sampo.cluster.protocol.ReplicaEffect.CommitMoved;
import io.sampo.cluster.protocol.ReplicaEffect.EndReason;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipLost;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipRefused;
import io.sampo.cluster.protocol.ReplicaEffect.LeadershipWon;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaInput;
import io.sampo.cluster.replication.CommitLogSettings.Flush;
import io.sampo.cluster.replication.ReplicaQuestion.AskHealth;
import io.sampo.cluster.replication.ReplicaQuestion.AskReach;
import io.sampo.cluster.replication.ReplicaQuestion.AskStatus;
import io.sampo.cluster.replication.ReplicaQuestion.ChangeMembership;
import io.sampo.cluster.replication.ReplicaQuestion.ReadBarrier;
import io.sampo.cluster.replication.ReplicaQuestion.ReplicaHealth;
import io.sampo.record.MessageDraft;
import io.sampo.storage.log.LogFailedException;
import io.sampo.storage.log.LogReader;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;

/**
 * Owns a replica's log, on a thread of its own: nobody else writes it. Every append is encoded into
 * the open batch as it comes; the first of a batch makes the actor send itself an {@link EndBatch},
 * so whatever was in the mailbox before it shares the batch and its flush. An ended batch goes to
 * the {@link Replica}, which copies it to the others, flushes it and says when it is committed and
 * may be answered; meanwhile the next batches are on their way. A replica that is alone goes the
 * same way and has its answer at once.
 *
 * <p>Always holds: an append is answered once and its drafts are released once, on every path; an
 * append that names another epoch than the one led is refused; nobody is shown anything at or above
 * {@link LocalLog#committedPosition()}; the replica is put nothing in while a batch is open, so it
 * always knows where the log ends. A failed log is refused to everybody until the node is
 * restarted, since the kernel may have dropped what it could not write.
 */
public final class CommitLog extends AbstractBehavior<CommitLog.Command> {
  private final LocalLogs localLogs;
  private final LocalLog localLog;
  private final ReplicaLog log;
  private final Appends appends;
  private final LeaderSeat seat;
  private final OpenQuestions questions;
  private final PeerLinks links;
  private final Replica replica;

  /** Under {@link Flush#ASYNC}, null under {@link Flush#SYNC}. */
  private final @Nullable BackgroundFlush backgroundFlush;

  /** Why the log failed; final. */
  private @Nullable String failure;

  private boolean endBatchUnderway;

  /** What the commit log is told. */
  public sealed interface Command
      permits Append, Lead, DropBelow, ReplicaQuestion, FromPeer, FollowerConnected, Internal {}

  /** What it tells itself. */
  private sealed interface Internal extends Command {}

  /**
   * Asks to lead: the log stands for a new epoch and, once a majority of its replicas has promised
   * it and holds its first record, serves appends that name it. Who led before is told that it
   * ended. Who asks while another's question is open takes its place, and the other is refused.
   */
  public record Lead(ActorRef<LeadReply> replyTo) implements Command {}

  /** The answers to {@link Lead}: one, and the end of the leadership when it comes. */
  public sealed interface LeadReply {}

  /** The log is led under this epoch; all that it holds is committed. */
  public record Leading(long epoch, LogReader log) implements LeadReply {}

  /** The log can't be led here, now; the reason is for people. */
  public record LeadRefused(String reason) implements LeadReply {}

  /**
   * The leadership is over, because a newer one began or the log failed; the reason is for people.
   * Nothing more is stored under the epoch. Not told when the actor stops: watch it.
   */
  public record LeadershipEnded(long epoch, String reason) implements LeadReply {}

  /**
   * Appends messages, all or none, also when the power fails: they share one batch. Takes over the
   * drafts and releases them, also before it answers: their bodies must not be needed any more.
   *
   * @param epoch the leadership that the sender acts under
   * @param drafts at least one; all of one queue, unless {@code progress} is null
   * @param progress told once per batch how far the queue is committed; null when nobody reads
   *     along. The same object for all appends of one queue
   * @param replyTo answered once the acknowledgement rule holds, or with the refusal
   */
  public record Append(
      long epoch,
      List<MessageDraft> drafts,
      @Nullable ReplyTo<QueueCommitted> progress,
      ReplyTo<AppendReply> replyTo)
      implements Command, Undeliverable {
    public Append {
      if (drafts.isEmpty()) {
        throw new IllegalArgumentException("an append without messages");
      }
    }

    @Override
    public void undelivered() {
      Answers.release(drafts);
      replyTo.tell(AppendRefused.NOT_LEADING);
    }
  }

  /**
   * A queue's progress. Not told of appends refused as {@link AppendRefused#NOT_LEADING}, {@link
   * AppendRefused#LEADERSHIP_ENDED} or {@link AppendRefused#LOG_FAILED}: the leadership that they
   * name is over. Of those refused as {@link AppendRefused#REPLICAS_MISSING} it is told when they
   * are committed after all.
   *
   * @param nextOffset every message below it is committed; may be less than what was told before
   * @param answered how many appends of the queue are done with (committed or refused) since the
   *     last such message
   */
  public record QueueCommitted(long nextOffset, int answered) {}

  /**
   * Published on the node's event stream when a log fails or can't be opened; it stays so until a
   * restart.
   */
  public record LogFailed(String logGroup, String reason) {}

  /** Ends the batch that holds everything which was in the mailbox before this. */
  private enum EndBatch implements Internal {
    INSTANCE
  }

  /** Time has passed. */
  private enum Tick implements Internal {
    INSTANCE
  }

  /** The background flush failed. */
  private record FlushFailed(LogFailedException cause) implements Internal {}

  /** A follower will ask over a connection of its own, and wants its answers there. */
  record FollowerConnected(ReplicaId follower, ReplicaId leader, FrameConnection answers)
      implements Command {}

  private CommitLog(
      ActorContext<Command> context, LocalLog localLog, ReplicaLog log, Surroundings around) {
    super(context);
    CommitLogSettings settings = around.settings();
    ReplicationSettings replication = settings.replication();
    this.localLogs = LocalLogs.get(context.getSystem());
    this.localLog = localLog;
    this.log = log;
    this.appends = new Appends(localLog, log, around, CommitLog::nowMs);
    this.questions = new OpenQuestions(replication.ackTimeout().toMillis());
    this.seat = new LeaderSeat(localLog);
    this.backgroundFlush =
        settings.flush() == Flush.ASYNC
            ? BackgroundFlush.start(
                context,
                log,
                settings.backgroundFlush(),
                failed -> context.getSelf().tell(new FlushFailed(failed)))
            : null;
    this.links = new PeerLinks(context.getSystem(), context.getSelf(), localLog.logGroup(), around);
    this.replica =
        new Replica(
            around.plan(),
            replication.ofProtocol(settings.flush()),
            log,
            (to, message) -> links.send(to, message, nowMs()),
            this::onNews,
            CommitLog::nowMs);
  }

  /**
   * The actor of a log group's log on this node, which has no other replica; spawn it on {@link
   * #dispatcher()}. It opens the log, recovering it when needed, before it takes its first message.
   * When that is not possible it stays and refuses to lead, with the reason.
   */
  public static Behavior<Command> create(String logGroup, CommitLogSettings settings) {
    return create(
        logGroup, ReplicaPlan.alone(new ReplicaId("alone", 0)), ReplicaPeers.NONE, settings);
  }

  /**
   * The actor of this node's replica of a log group, otherwise the same.
   *
   * @param peers how the others are reached
   */
  public static Behavior<Command> create(
      String logGroup, ReplicaPlan plan, ReplicaPeers peers, CommitLogSettings settings) {
    return create(
        logGroup,
        new Surroundings(settings, plan, peers, InstantSource.system()),
        () -> SegmentedReplicaLog.open(settings, logGroup, plan));
  }

  static Behavior<Command> create(String logGroup, Surroundings around, ReplicaLog.Opener opener) {
    return Behaviors.setup(
        context -> {
          ReplicaLog log;
          try {
            log = opener.open();
          } catch (IOException e) {
            return UnopenedLog.create(context, logGroup, e);
          } catch (RuntimeException e) {
            context.getLog().error("opening the log of {} broke an invariant", logGroup, e);
            return UnopenedLog.create(context, logGroup, e);
          }
          LocalLog localLog = new LocalLog(logGroup, context.getSelf(), log.reader());
          LocalLogs.get(context.getSystem()).enter(localLog);
          return Behaviors.withTimers(
              timers -> {
                timers.startTimerWithFixedDelay(
                    Tick.INSTANCE, around.settings().replication().tick());
                return new CommitLog(context, localLog, log, around);
              });
        });
  }

  /** The dispatcher to spawn it on: a thread of its own, since it waits for the disk. */
  public static DispatcherSelector dispatcher() {
    return DispatcherSelector.fromConfig("sampo.commit-log.dispatcher");
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Append.class, this::onAppend)
        .onMessage(EndBatch.class, this::onEndBatch)
        .onMessage(FromPeer.class, this::onFromPeer)
        .onMessage(FollowerConnected.class, this::onFollowerConnected)
        .onMessage(Tick.class, this::onTick)
        .onMessage(Lead.class, this::onLead)
        .onMessage(ReplicaQuestion.class, this::onQuestion)
        .onMessage(DropBelow.class, this::onDropBelow)
        .onMessage(FlushFailed.class, this::onFlushFailed)
        .onSignal(PostStop.class, stopped -> onPostStop())
        .build();
  }

  private Behavior<Command> onAppend(Append append) {
    if (failure != null) {
      Answers.refuse(append, AppendRefused.LOG_FAILED);
    } else if (!seat.isLedUnder(append.epoch())) {
      Answers.refuse(append, AppendRefused.NOT_LEADING);
    } else if (appends.areTooMany()) {
      appends.refuse(append, AppendRefused.WINDOW_FULL);
    } else {
      write(append);
    }
    return this;
  }

  private void write(Append append) {
    AppendReply reply;
    try {
      reply = appends.write(append.drafts());
    } catch (IOException | RuntimeException | InternalError e) {
      // A mapped write meets a bad sector as an InternalError.
      fail("a write failed", e);
      Answers.refuse(append, AppendRefused.LOG_FAILED);
      return;
    }
    if (appends.take(append, reply)) {
      awaitEndOfBatch();
      if (appends.isBatchFull()) {
        endBatch();
      }
    }
  }

  private void awaitEndOfBatch() {
    if (!endBatchUnderway) {
      endBatchUnderway = true;
      getContext().getSelf().tell(EndBatch.INSTANCE);
    }
  }

  private Behavior<Command> onEndBatch(EndBatch endBatch) {
    // Also when the batch it was sent for has been ended early: it then ends the next one, which is
    // sooner than need be and keeps a single one of these in the mailbox.
    endBatchUnderway = false;
    endBatch();
    return this;
  }

  private void endBatch() {
    if (failure != null || !appends.isBatchOpen()) {
      return;
    }
    try {
      appends.endBatch();
    } catch (IOException | RuntimeException | InternalError e) {
      fail("a write failed", e);
      return;
    }
    replica.appended(localLog.reader().writtenPosition());
    runReplica();
  }

  private Behavior<Command> onFromPeer(FromPeer told) {
    if (told.to().equals(replica.self())) {
      links.received(told.message());
      input(new ReplicaInput.Received(told.from(), told.message()));
    }
    return this;
  }

  private Behavior<Command> onFollowerConnected(FollowerConnected connected) {
    if (failure == null && connected.leader().equals(replica.self())) {
      links.followerConnected(connected.follower(), connected.answers());
    } else {
      connected.answers().close();
    }
    return this;
  }

  private Behavior<Command> onTick(Tick tick) {
    input(new ReplicaInput.Tick());
    links.onTick(nowMs());
    appends.expire();
    questions.expire(nowMs());
    localLog.status(status());
    return this;
  }

  private Behavior<Command> onLead(Lead lead) {
    endBatch();
    seat.ask(lead.replyTo());
    if (failure == null) {
      appends.prepare(replica.cuts());
      input(new ReplicaInput.Lead(seat.epoch() + 1));
    } else {
      seat.refused(failure);
    }
    return this;
  }

  private Behavior<Command> onQuestion(ReplicaQuestion question) {
    endBatch();
    if (question instanceof AskHealth ask) {
      ask.replyTo().tell(new ReplicaHealth(failure != null, replica.core().stalledMs()));
    } else if (question instanceof AskReach ask) {
      links.reach(ask);
    } else if (question instanceof AskStatus ask) {
      if (failure == null) {
        ask.replyTo().tell(status());
      }
    } else if (question instanceof ReadBarrier barrier) {
      if (failure == null && seat.isLedUnder(barrier.epoch())) {
        input(questions.ask(barrier, nowMs()));
      } else {
        barrier.refuse();
      }
    } else if (question instanceof ChangeMembership change) {
      if (failure == null) {
        input(questions.ask(change));
      } else {
        change.refuse();
      }
    }
    return this;
  }

  private ReplicaStatus status() {
    return ReplicaStatus.of(replica.self(), replica.core());
  }

  /** The replica notices by itself where the log begins. */
  private Behavior<Command> onDropBelow(DropBelow drop) {
    endBatch();
    boolean isLed = failure == null && seat.isLedUnder(drop.epoch());
    try {
      drop.carryOut(log, isLed ? localLog.committedPosition() : 0);
    } catch (IOException | RuntimeException e) {
      fail("dropping old segments failed", e);
      drop.undelivered();
    }
    return this;
  }

  /** While a batch is open it waits for its end, which is already in the mailbox. */
  private void input(ReplicaInput input) {
    if (failure == null) {
      replica.put(input);
      if (!appends.isBatchOpen()) {
        runReplica();
      }
    }
  }

  private void runReplica() {
    try {
      replica.run();
    } catch (IOException | RuntimeException | InternalError e) {
      fail("its replica failed", e);
      return;
    }
    if (backgroundFlush != null) {
      backgroundFlush.written(localLog.reader().writtenPosition());
    }
  }

  /** What the replica has to say to those outside. */
  private void onNews(ReplicaEffect news) {
    if (news instanceof CommitMoved moved) {
      localLog.committed(moved.commit());
      appends.moved(moved.commit(), moved.acknowledged());
    } else if (news instanceof LeadershipWon won) {
      appends.begin(replica.cuts());
      seat.won(won.epoch(), won.commit());
      getContext().getLog().debug("{} is led here: epoch {}", localLog.logGroup(), won.epoch());
    } else if (news instanceof LeadershipLost lost) {
      appends.end(replica.cuts());
      refuseAll(AppendRefused.LEADERSHIP_ENDED);
      seat.ended(localLog.logGroup() + ": " + reason(lost.reason()));
    } else if (news instanceof LeadershipRefused refused) {
      seat.refused(localLog.logGroup() + " can't be led: " + reason(refused.reason()));
    } else {
      questions.onNews(news);
    }
  }

  private String reason(EndReason reason) {
    String problem = replica.diskProblem();
    String text = LeaderSeat.text(reason);
    return problem == null ? text : text + ": " + problem;
  }

  /** All that waits is over. */
  private void refuseAll(AppendRefused refusal) {
    appends.refuseAll(refusal);
    questions.refuseAll();
  }

  private Behavior<Command> onFlushFailed(FlushFailed failed) {
    fail("a background flush failed", failed.cause());
    return this;
  }

  /** Ends everything: what waits, the leadership, and every later one. */
  private void fail(String what, Throwable cause) {
    if (failure != null) {
      return;
    }
    String reason = localLog.logGroup() + ": " + what + ": " + cause.getMessage();
    failure = reason;
    getContext().getLog().error("{}; the log is refused until a restart", reason, cause);
    refuseAll(AppendRefused.LOG_FAILED);
    links.closeAll();
    seat.ended(reason);
    seat.refused(reason);
    UnopenedLog.publishFailure(getContext(), localLog.logGroup(), reason);
  }

  private Behavior<Command> onPostStop() {
    endBatch();
    refuseAll(AppendRefused.LEADERSHIP_ENDED);
    links.closeAll();
    localLog.leadershipEnded();
    localLogs.leave(localLog);
    if (failure == null) {
      try {
        log.close();
      } catch (IOException | RuntimeException | InternalError e) {
        getContext().getLog().error("{} was not closed cleanly", localLog.logGroup(), e);
      }
    }
    return this;
  }

  /** Never goes back; means nothing but in differences. */
  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
