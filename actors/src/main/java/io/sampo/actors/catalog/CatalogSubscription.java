package io.sampo.actors.catalog;

import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.ddata.LWWRegister;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;
import org.apache.pekko.cluster.ddata.typed.javadsl.ReplicatorMessageAdapter;

/** Takes the catalog's parts into the node's copy as they are published. One actor per node. */
final class CatalogSubscription extends AbstractBehavior<CatalogSubscription.Command> {
  /** What it is told; all of it by Distributed Data. */
  sealed interface Command {}

  private record Published(Replicator.SubscribeResponse<LWWRegister<CatalogPart>> response)
      implements Command {}

  private final CatalogCopy copy;

  private CatalogSubscription(ActorContext<Command> context, CatalogCopy copy) {
    super(context);
    this.copy = copy;
  }

  static Behavior<Command> create(CatalogCopy copy) {
    return Behaviors.setup(
        context ->
            DistributedData.withReplicatorMessageAdapter(
                (ReplicatorMessageAdapter<Command, LWWRegister<CatalogPart>> replicator) -> {
                  CatalogPart.indexes()
                      .forEach(
                          index -> replicator.subscribe(CatalogPart.key(index), Published::new));
                  return new CatalogSubscription(context, copy);
                }));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onMessage(Published.class, this::onPublished).build();
  }

  private Behavior<Command> onPublished(Published published) {
    if (published.response() instanceof Replicator.Changed<LWWRegister<CatalogPart>> changed) {
      copy.takePart(changed.dataValue().value());
    }
    return this;
  }
}
