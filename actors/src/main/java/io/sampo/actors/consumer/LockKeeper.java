package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Identity;
import io.sampo.actors.consumer.ConsumerGroup.Surroundings;
import io.sampo.actors.consumer.GroupLocks.LocksChanged;
import io.sampo.actors.consumer.QueueLocking.AskLocksHeld;
import io.sampo.actors.consumer.QueueLocking.LockQueues;
import io.sampo.actors.consumer.QueueLocking.LockReply;
import io.sampo.actors.consumer.QueueLocking.LockRequest;
import io.sampo.actors.consumer.QueueLocking.LocksHeld;
import io.sampo.actors.consumer.QueueLocking.QueuesLocked;
import io.sampo.actors.consumer.QueueLocking.QueuesUnlocked;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The queue locks of one group, child of its {@link ConsumerGroup}, which starts it with the first
 * request and says who is a member: most groups never lock. Ends with the group, and so with the
 * leadership of the log group that the locks are written to.
 *
 * <p>It answers a request when everything about its queues is durable, and when it is sure that the
 * log group was still led here after the request came: because something was written for it, or by
 * a {@link LeadershipProof}. So a leader that was replaced renews nothing. Changes go to a child,
 * {@link GroupLocks}, one batch at a time; what comes meanwhile collects. When the child fails it
 * is started again after a while and gets the batch again; meanwhile acquisitions wait, and what is
 * held already can be renewed.
 */
final class LockKeeper extends AbstractBehavior<LockKeeper.Command>
    implements JournalChild.Listener<LockTable> {
  /** What it is told. */
  sealed interface Command {}

  /**
   * A client's request.
   *
   * @param member whether the client was a member of the group when the request came
   */
  record Requested(LockRequest request, boolean member) implements Command, Undeliverable {
    @Override
    public void undelivered() {
      request.undelivered();
    }
  }

  private record JournalTold(JournalChild.News<LockTable> news) implements Command {}

  private enum DropExpired implements Command {
    INSTANCE
  }

  /**
   * @param written whether it waits for something that is written after it came
   */
  private record Waiting(ReplyTo<LockReply> replyTo, Supplier<LockReply> answer, boolean written) {
    void tell() {
      replyTo.tell(answer.get());
    }

    void refuse() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  private record Proven(Waiting waiting, boolean led) implements Command, Undeliverable {
    @Override
    public void undelivered() {
      waiting.refuse();
    }
  }

  private final Identity identity;
  private final ConsumerSettings settings;
  private final LongSupplier clockMs;
  private final LeadershipProof proof;
  private final TimerScheduler<Command> timers;
  private final StashBuffer<Command> stash;
  private final JournalChild<Command, LocksChanged, LockTable> journal;
  private final QueueLocks locks;

  private List<Waiting> waitingForNext = new ArrayList<>();
  private List<Waiting> waitingForUnderway = new ArrayList<>();

  /** How many wait for the proof that they need. */
  private int waitingForProof;

  /** True once the journal was read for the first time. */
  private boolean recovered;

  private boolean fullSaid;

  private LockKeeper(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      StashBuffer<Command> stash,
      Identity identity,
      Surroundings around) {
    super(context);
    this.timers = timers;
    this.stash = stash;
    this.identity = identity;
    this.settings = around.settings();
    this.clockMs = around.clockMs();
    this.proof = around.proof();
    this.locks =
        new QueueLocks(
            new QueueLocks.Limits(
                settings.lockTimeout().toMillis(),
                settings.memberTimeout().toMillis(),
                settings.locksMax()));
    this.journal =
        new JournalChild<>(
            context,
            timers,
            "the lock journal of " + identity.group(),
            JournalTold::new,
            parent -> GroupLocks.create(identity, settings.snapshotEvery(), parent),
            this);
  }

  static Behavior<Command> create(Identity identity, Surroundings around) {
    return Behaviors.withStash(
        around.settings().waitingMax(),
        stash ->
            Behaviors.withTimers(
                timers ->
                    Behaviors.setup(
                        context -> new LockKeeper(context, timers, stash, identity, around))));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Requested.class, this::onRequested)
        .onMessage(JournalTold.class, this::onJournalTold)
        .onMessage(Proven.class, this::onProven)
        .onMessageEquals(DropExpired.INSTANCE, this::onDropExpired)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onRequested(Requested requested) {
    LockRequest request = requested.request();
    if (!recovered && !stash.isFull()) {
      stash.stash(requested);
    } else if (!recovered || isCrowded()) {
      request.replyTo().tell(GroupRefused.TOO_MANY_WAITING);
    } else if (request instanceof AskLocksHeld) {
      answerOnceProven(
          request.replyTo(), () -> new LocksHeld(locks.isAnyHeld(clockMs.getAsLong())));
    } else if (request instanceof LockQueues) {
      lock(request, requested.member());
    } else {
      unlock(request);
    }
    return this;
  }

  private boolean isCrowded() {
    return waitingForNext.size() + waitingForUnderway.size() + waitingForProof
        >= settings.waitingMax();
  }

  private void lock(LockRequest request, boolean member) {
    String clientId = request.clientId();
    List<GroupQueue> held = locks.lock(clientId, request.queues(), member, clockMs.getAsLong());
    if (held.isEmpty() && !member) {
      request.replyTo().tell(GroupRefused.NOT_A_MEMBER);
      return;
    }
    sayWhenFull();
    keepDropping();
    answerOnceDurable(
        held,
        request.replyTo(),
        () -> new QueuesLocked(locks.confirm(clientId, held, clockMs.getAsLong())));
  }

  private void unlock(LockRequest request) {
    locks.unlock(request.clientId(), request.queues());
    answerOnceDurable(request.queues(), request.replyTo(), () -> QueuesUnlocked.INSTANCE);
  }

  private void answerOnceDurable(
      List<GroupQueue> queues, ReplyTo<LockReply> replyTo, Supplier<LockReply> answer) {
    switch (locks.durability(queues)) {
      case STORED -> answerOnceProven(replyTo, answer);
      case WITH_BATCH_UNDERWAY -> waitingForUnderway.add(new Waiting(replyTo, answer, false));
      case WITH_NEXT_BATCH -> {
        waitingForNext.add(new Waiting(replyTo, answer, true));
        write();
      }
    }
  }

  private void answerOnceProven(ReplyTo<LockReply> replyTo, Supplier<LockReply> answer) {
    waitingForProof++;
    Waiting waiting = new Waiting(replyTo, answer, false);
    ActorRef<Command> self = getContext().getSelf();
    proof.ask(led -> self.tell(new Proven(waiting, led)));
  }

  private Behavior<Command> onProven(Proven proven) {
    waitingForProof--;
    if (proven.led()) {
      proven.waiting().tell();
    } else {
      proven.waiting().refuse();
    }
    return this;
  }

  private void sayWhenFull() {
    if (locks.isFull() && !fullSaid) {
      fullSaid = true;
      getContext()
          .getLog()
          .warn(
              "{} holds {} queue locks, which is the limit; other queues are not consumed in order",
              identity.group(),
              settings.locksMax());
    }
  }

  private void keepDropping() {
    if (locks.isEmpty()) {
      timers.cancel(DropExpired.INSTANCE);
    } else if (!timers.isTimerActive(DropExpired.INSTANCE)) {
      timers.startTimerWithFixedDelay(DropExpired.INSTANCE, settings.lockTimeout());
    }
  }

  private Behavior<Command> onDropExpired() {
    locks.dropExpired(clockMs.getAsLong());
    keepDropping();
    write();
    return this;
  }

  private Behavior<Command> onJournalTold(JournalTold told) {
    boolean early = !recovered;
    journal.on(told.news());
    return early && recovered ? stash.unstashAll(this) : this;
  }

  @Override
  public void onRecovered(LockTable table) {
    if (recovered) {
      write();
    } else {
      recovered = true;
      locks.recovered(table, clockMs.getAsLong());
      keepDropping();
    }
  }

  @Override
  public void onStored() {
    locks.batchStored();
    List<Waiting> stored = waitingForUnderway;
    waitingForUnderway = new ArrayList<>();
    for (Waiting waiting : stored) {
      if (waiting.written()) {
        waiting.tell();
      } else {
        answerOnceProven(waiting.replyTo(), waiting.answer());
      }
    }
    write();
  }

  @Override
  public void onLost() {
    locks.batchLost();
    waitingForUnderway.addAll(waitingForNext);
    waitingForNext = waitingForUnderway;
    waitingForUnderway = new ArrayList<>();
  }

  /** Starts writing what has collected, unless a batch is under way: then it goes after it. */
  private void write() {
    if (journal.isWritable() && locks.canWrite()) {
      waitingForUnderway = waitingForNext;
      waitingForNext = new ArrayList<>();
      journal.write(new LocksChanged(locks.startBatch()));
    }
  }

  private Behavior<Command> onPostStop() {
    stash.forEach(
        command -> {
          if (command instanceof Requested requested) {
            requested.undelivered();
          }
        });
    waitingForUnderway.forEach(Waiting::refuse);
    waitingForNext.forEach(Waiting::refuse);
    return this;
  }
}
