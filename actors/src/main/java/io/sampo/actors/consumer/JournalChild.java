package io.sampo.actors.consumer;

import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Keeps alive the persistent actor that writes for another one: it ends when the journal fails, and
 * is then started again after a pause, which grows until something was written. Part of the parent,
 * on its thread.
 *
 * @param <P> what the parent is told
 * @param <C> what the child is told
 */
final class JournalChild<P, C> {
  private static final Duration PAUSE_MIN = Duration.ofMillis(200);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(5);

  private final ActorContext<P> context;
  private final TimerScheduler<P> timers;
  private final String name;
  private final Behavior<C> behavior;
  private final P ended;
  private final P startAgain;
  private Duration nextPause = PAUSE_MIN;

  /**
   * @param name for people
   * @param ended what the parent is told when the child has ended, upon which it calls {@link
   *     #onEnded}
   * @param startAgain what it is told when the pause is over, upon which it calls {@link #start}
   */
  JournalChild(
      ActorContext<P> context,
      TimerScheduler<P> timers,
      String name,
      Behavior<C> behavior,
      P ended,
      P startAgain) {
    this.context = context;
    this.timers = timers;
    this.name = name;
    this.behavior = behavior;
    this.ended = ended;
    this.startAgain = startAgain;
  }

  ActorRef<C> start() {
    ActorRef<C> started = context.spawnAnonymous(behavior);
    context.watchWith(started, ended);
    return started;
  }

  void onEnded() {
    context.getLog().warn("{} failed, next try in {}", name, nextPause);
    timers.startSingleTimer(startAgain, nextPause);
    Duration doubled = nextPause.multipliedBy(2);
    nextPause = doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
  }

  /** The child has written something. */
  void onStored() {
    nextPause = PAUSE_MIN;
  }
}
