package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.Identity;
import io.sampo.cluster.replication.ReplyTo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Brings what a {@link PopLedger} collects to the journal: owns the child that writes, gives it one
 * batch at a time, answers those whose batch is durable, and starts the child again after a growing
 * pause when it ends. Part of the {@link PopKeeper}, on its thread.
 */
final class PopWriter {
  /** What the keeper is told on behalf of its writer, and passes on. */
  sealed interface Event extends PopKeeper.Command {}

  private record Told(GroupPops.Told told) implements Event {}

  private enum ChildEnded implements Event {
    INSTANCE
  }

  private enum StartChild implements Event {
    INSTANCE
  }

  /** What the journal holds, or what is durable now; the keeper acts on it. */
  interface Listener {
    /** Once, before anything was written. */
    void recovered(PopChanges whole);

    void stored(Collection<PopState> states);
  }

  private record Answer<R>(ReplyTo<R> replyTo, R reply, R refusal) {
    void tell() {
      replyTo.tell(reply);
    }

    void refuse() {
      replyTo.tell(refusal);
    }
  }

  private final ConsumerSettings settings;
  private final PopLedger ledger;
  private final Listener listener;
  private final ActorRef<GroupPops.Told> childTells;
  private final JournalChild<PopKeeper.Command, GroupPops.Command> journal;

  private List<Answer<?>> waitingForNext = new ArrayList<>();
  private List<Answer<?>> waitingForUnderway = new ArrayList<>();
  private @Nullable ActorRef<GroupPops.Command> child;
  private boolean writable;
  private boolean recovered;

  PopWriter(
      ActorContext<PopKeeper.Command> context,
      TimerScheduler<PopKeeper.Command> timers,
      Identity identity,
      ConsumerSettings settings,
      PopLedger ledger,
      Listener listener) {
    this.settings = settings;
    this.ledger = ledger;
    this.listener = listener;
    this.childTells = context.messageAdapter(GroupPops.Told.class, Told::new);
    this.journal =
        new JournalChild<>(
            context,
            timers,
            "the pop journal of " + identity.group(),
            GroupPops.create(
                identity.home(), identity.group(), settings.snapshotEvery(), childTells),
            ChildEnded.INSTANCE,
            StartChild.INSTANCE);
    this.child = journal.start();
  }

  /** True once the ledger knows what the journal has. */
  boolean hasRecovered() {
    return recovered;
  }

  /** True when no more answers may wait. */
  boolean isCrowded() {
    return waitingForNext.size() + waitingForUnderway.size() >= settings.waitingMax();
  }

  /** Answers once all that the ledger has collected is durable. */
  <R> void answerOnceDurable(ReplyTo<R> replyTo, R reply, R refusal) {
    waitingForNext.add(new Answer<>(replyTo, reply, refusal));
    write();
  }

  /** Writes what has collected, unless a batch is under way: then it goes after it. */
  void write() {
    ActorRef<GroupPops.Command> writing = child;
    if (writing != null && writable && ledger.canWrite()) {
      waitingForUnderway = waitingForNext;
      waitingForNext = new ArrayList<>();
      writing.tell(new GroupPops.Store(ledger.startBatch(), childTells));
    }
  }

  /** Handles what the keeper was told on behalf of this. */
  void on(Event event) {
    if (event instanceof Told message) {
      onTold(message.told());
    } else if (event == ChildEnded.INSTANCE) {
      onChildEnded();
    } else {
      child = journal.start();
    }
  }

  private void onTold(GroupPops.Told told) {
    if (told instanceof GroupPops.Recovered fromJournal) {
      writable = true;
      if (!recovered) {
        recovered = true;
        listener.recovered(fromJournal.whole());
      }
    } else {
      journal.onStored();
      Collection<PopState> stored = ledger.batchStored();
      List<Answer<?>> answers = waitingForUnderway;
      waitingForUnderway = new ArrayList<>();
      answers.forEach(Answer::tell);
      listener.stored(stored);
    }
    write();
  }

  private void onChildEnded() {
    journal.onEnded();
    child = null;
    writable = false;
    ledger.batchLost();
    waitingForUnderway.addAll(waitingForNext);
    waitingForNext = waitingForUnderway;
    waitingForUnderway = new ArrayList<>();
  }

  /** Refuses those who still wait. */
  void refuseWaiting() {
    waitingForUnderway.forEach(Answer::refuse);
    waitingForNext.forEach(Answer::refuse);
    waitingForUnderway = new ArrayList<>();
    waitingForNext = new ArrayList<>();
  }
}
