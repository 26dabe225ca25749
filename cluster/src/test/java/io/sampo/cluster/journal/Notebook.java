package io.sampo.cluster.journal;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;

/** An event-sourced actor for tests: keeps lines of text, which are its events, as one text. */
final class Notebook extends EventSourcedBehavior<Notebook.Command, String, String> {
  private final Optional<RetentionCriteria> retention;

  sealed interface Command {}

  /** Notes all lines, or none. */
  record Note(List<String> lines, ActorRef<Done> replyTo) implements Command {}

  record Read(ActorRef<String> replyTo) implements Command {}

  private Notebook(String persistenceId, Optional<RetentionCriteria> retention) {
    super(PersistenceId.ofUniqueId(persistenceId));
    this.retention = retention;
  }

  /** One that never forgets an event. */
  static Notebook create(String persistenceId) {
    return new Notebook(persistenceId, Optional.empty());
  }

  /** One that snapshots every so many events, keeps two snapshots and deletes what is older. */
  static Notebook withSnapshotEvery(String persistenceId, int events) {
    return new Notebook(
        persistenceId,
        Optional.of(RetentionCriteria.snapshotEvery(events, 2).withDeleteEventsOnSnapshot()));
  }

  @Override
  public String emptyState() {
    return "";
  }

  @Override
  public CommandHandler<Command, String, String> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(
            Note.class,
            (state, note) ->
                Effect()
                    .persist(note.lines())
                    .thenRun(newState -> note.replyTo().tell(Done.getInstance())))
        .onCommand(
            Read.class,
            (state, read) -> {
              read.replyTo().tell(state);
              return Effect().none();
            })
        .build();
  }

  @Override
  public EventHandler<String, String> eventHandler() {
    return newEventHandlerBuilder().forAnyState().onAnyEvent((state, line) -> state + line + "\n");
  }

  @Override
  public Set<String> tagsFor(String line) {
    return line.startsWith("#") ? Set.of("heading") : Set.of();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return retention.orElse(RetentionCriteria.disabled());
  }
}
