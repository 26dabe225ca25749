package io.sampo.actors.consumer;

import java.time.Duration;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The {@link GroupJournal} that writes for an actor: started at once, and again after a pause when
 * it ends, as it does when the journal fails. The pause grows until something was written. Part of
 * the actor that it writes for, on its thread.
 *
 * @param <P> what that actor is told
 * @param <E> what is written
 * @param <S> what the journal holds
 */
final class JournalChild<P, E, S> {
  /** What the parent is told on behalf of this, and passes on. */
  sealed interface News<S> {}

  private record Recovered<S>(S state) implements News<S> {}

  private record Stored<S>() implements News<S> {}

  private record Ended<S>() implements News<S> {}

  private record PauseOver<S>() implements News<S> {}

  /** Hears what becomes of what is written. */
  interface Listener<S> {
    /**
     * It may be given something.
     *
     * @param state what the journal has
     */
    void onRecovered(S state);

    /** What it was given last is durable. */
    void onStored();

    /** What it was given last may be lost; it takes nothing for now. */
    void onLost();
  }

  private static final Duration PAUSE_MIN = Duration.ofMillis(200);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(5);

  private final ActorContext<P> context;
  private final TimerScheduler<P> timers;
  private final String name;
  private final Function<News<S>, P> command;
  private final Behavior<E> behavior;
  private final Listener<S> listener;
  private ActorRef<E> child;

  /** From the end of the child's recovery to its own. */
  private boolean writable;

  private Duration nextPause = PAUSE_MIN;

  /**
   * Starts it.
   *
   * @param name for people
   * @param command tells the actor some news, which it then gives to {@link #on}
   * @param journal makes the behavior
   */
  JournalChild(
      ActorContext<P> context,
      TimerScheduler<P> timers,
      String name,
      Function<News<S>, P> command,
      Function<GroupJournal.Parent<S>, Behavior<E>> journal,
      Listener<S> listener) {
    this.context = context;
    this.timers = timers;
    this.name = name;
    this.command = command;
    this.listener = listener;
    ActorRef<P> self = context.getSelf();
    this.behavior =
        journal.apply(
            new GroupJournal.Parent<>() {
              @Override
              public void recovered(S state) {
                self.tell(command.apply(new Recovered<>(state)));
              }

              @Override
              public void stored() {
                self.tell(command.apply(new Stored<>()));
              }
            });
    this.child = start();
  }

  private ActorRef<E> start() {
    ActorRef<E> started = context.spawnAnonymous(behavior);
    context.watchWith(started, command.apply(new Ended<>()));
    return started;
  }

  /** Whether it takes something to write. */
  boolean isWritable() {
    return writable;
  }

  /** Gives it what is to be written next, after it has said that the last is stored. */
  void write(E change) {
    child.tell(change);
  }

  /** Handles what the actor was told on behalf of this. */
  void on(News<S> news) {
    if (news instanceof Recovered<S> fromJournal) {
      writable = true;
      listener.onRecovered(fromJournal.state());
    } else if (news instanceof Stored<S>) {
      nextPause = PAUSE_MIN;
      listener.onStored();
    } else if (news instanceof Ended<S>) {
      onEnded();
    } else {
      child = start();
    }
  }

  private void onEnded() {
    context.getLog().warn("{} failed, next try in {}", name, nextPause);
    writable = false;
    listener.onLost();
    timers.startSingleTimer(command.apply(new PauseOver<>()), nextPause);
    Duration doubled = nextPause.multipliedBy(2);
    nextPause = doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
  }
}
