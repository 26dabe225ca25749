package io.sampo.cluster.placement;

import java.io.IOException;
import java.util.List;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.ddata.LWWRegister;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;
import org.apache.pekko.cluster.ddata.typed.javadsl.ReplicatorMessageAdapter;

/**
 * Takes the charter into the node's file and {@link CharterBook} as it is published, and publishes
 * what the file had when the node started: it may be that nobody else remembers it yet. One actor
 * per node; it waits for the disk, so it has a dispatcher that may.
 */
final class CharterFeed extends AbstractBehavior<CharterFeed.Command> {
  /** What it is told; all of it by Distributed Data. */
  sealed interface Command {}

  private record Published(Replicator.SubscribeResponse<LWWRegister<Charter>> response)
      implements Command {}

  private final CharterBook book;
  private final CharterFile file;

  private CharterFeed(ActorContext<Command> context, CharterBook book, CharterFile file) {
    super(context);
    this.book = book;
    this.file = file;
    CharterPublisher.distributed(context.getSystem()).publish(file.charter());
  }

  /**
   * @param file used by this actor alone from now on
   */
  static Behavior<Command> create(CharterBook book, CharterFile file) {
    return Behaviors.setup(
        context ->
            DistributedData.withReplicatorMessageAdapter(
                (ReplicatorMessageAdapter<Command, LWWRegister<Charter>> replicator) -> {
                  replicator.subscribe(CharterPublisher.KEY, Published::new);
                  return new CharterFeed(context, book, file);
                }));
  }

  /** The dispatcher to spawn it on. */
  static DispatcherSelector dispatcher() {
    return DispatcherSelector.blocking();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onMessage(Published.class, this::onPublished).build();
  }

  private Behavior<Command> onPublished(Published published) throws IOException {
    if (published.response() instanceof Replicator.Changed<LWWRegister<Charter>> changed) {
      Charter newer = changed.dataValue().value();
      if (newer.revision() > file.charter().revision()) {
        List<LogGroupPlan> known = file.charter().opened();
        file.write(newer);
        newer.opened().stream()
            .skip(known.size())
            .forEach(
                logGroup ->
                    getContext()
                        .getLog()
                        .info("The cluster opens {} on {}", logGroup.name(), logGroup.voters()));
        book.take(newer);
      }
    }
    return this;
  }
}
