package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.Identity;
import io.sampo.cluster.replication.ReplyTo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Brings what a {@link PopLedger} collects to the journal, one batch at a time, and answers those
 * whose batch is durable. Part of the {@link PopKeeper}, on its thread.
 */
final class PopWriter implements JournalChild.Listener<PopChanges> {
  /** What the keeper is told on behalf of its writer, and passes on. */
  record Event(JournalChild.News<PopChanges> news) implements PopKeeper.Command {}

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
  private final JournalChild<PopKeeper.Command, PopChanges, PopChanges> journal;

  private List<Answer<?>> waitingForNext = new ArrayList<>();
  private List<Answer<?>> waitingForUnderway = new ArrayList<>();
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
    this.journal =
        new JournalChild<>(
            context,
            timers,
            "the pop journal of " + identity.group(),
            Event::new,
            parent -> GroupPops.create(identity, settings.snapshotEvery(), parent),
            this);
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
    if (journal.isWritable() && ledger.canWrite()) {
      waitingForUnderway = waitingForNext;
      waitingForNext = new ArrayList<>();
      journal.write(ledger.startBatch());
    }
  }

  /** Handles what the keeper was told on behalf of this. */
  void on(Event event) {
    journal.on(event.news());
  }

  @Override
  public void onRecovered(PopChanges whole) {
    if (!recovered) {
      recovered = true;
      listener.recovered(whole);
    }
    write();
  }

  @Override
  public void onStored() {
    Collection<PopState> stored = ledger.batchStored();
    List<Answer<?>> answers = waitingForUnderway;
    waitingForUnderway = new ArrayList<>();
    answers.forEach(Answer::tell);
    listener.stored(stored);
    write();
  }

  @Override
  public void onLost() {
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
