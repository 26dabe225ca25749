package io.sampo.actors.consumer;

import io.sampo.cluster.serialization.ControlMessage;
import java.util.function.Function;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * The durable side of a part of a consumer group: writes the changes that it is told, and tells
 * what it recovered. A persistent actor takes no command while it writes, so what must be answered
 * meanwhile and what collects meanwhile is kept by its parent; this one is told the collected
 * changes as one event at a time.
 *
 * <p>It stops when the journal fails, without an answer; its {@link JournalChild} starts another.
 *
 * @param <E> what changed
 * @param <S> what all changes come to
 */
abstract class GroupJournal<E extends ControlMessage, S> extends EventSourcedBehavior<E, E, S> {
  /** Whom it tells, on its own thread: they pass it on to the parent. */
  interface Parent<S> {
    /** What the journal has; told once, before anything else. */
    void recovered(S state);

    /** What it was told last is durable. */
    void stored();

    /** The same for a state that isn't shown as it is. */
    default <T> Parent<T> shown(Function<T, S> as) {
      Parent<S> parent = this;
      return new Parent<>() {
        @Override
        public void recovered(T state) {
          parent.recovered(as.apply(state));
        }

        @Override
        public void stored() {
          parent.stored();
        }
      };
    }
  }

  private final int snapshotEvery;
  private final Parent<S> parent;

  GroupJournal(PersistenceId id, int snapshotEvery, Parent<S> parent) {
    super(id);
    this.snapshotEvery = snapshotEvery;
    this.parent = parent;
  }

  /** What there is after a change. */
  abstract S with(S state, E change);

  @Override
  public CommandHandler<E, E, S> commandHandler() {
    return (state, change) -> Effect().persist(change).thenRun(after -> parent.stored());
  }

  @Override
  public EventHandler<S, E> eventHandler() {
    return this::with;
  }

  @Override
  public SignalHandler<S> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), parent::recovered)
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(snapshotEvery, 2);
  }
}
