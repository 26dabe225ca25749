package io.sampo.cluster.placement;

import java.util.Map;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.cluster.ddata.Key;
import org.apache.pekko.cluster.ddata.LWWMap;
import org.apache.pekko.cluster.ddata.LWWMapKey;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;
import org.apache.pekko.cluster.ddata.typed.javadsl.ReplicatorMessageAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a {@link NodeDirectory} as Distributed Data has it, and this node's own card in Distributed
 * Data as this node wants it: if a card of an earlier start comes back under its name, as it may
 * when the clock was set back in between, it is written over. One actor per node.
 */
final class NodeDirectoryFeed extends AbstractBehavior<NodeDirectoryFeed.Command> {
  private static final Key<LWWMap<String, NodeCard>> KEY = LWWMapKey.create("sampo-nodes");

  /** What it is told. */
  sealed interface Command {}

  /** Writes this node's card. */
  record Publish(NodeCard own) implements Command {}

  /** Takes a node's card away. */
  record Forget(String node) implements Command {}

  private record Spread(Replicator.SubscribeResponse<LWWMap<String, NodeCard>> response)
      implements Command {}

  private final NodeDirectory directory;
  private final SpreadMap<NodeCard> spread;
  private @Nullable NodeCard own;

  private NodeDirectoryFeed(ActorContext<Command> context, NodeDirectory directory) {
    super(context);
    this.directory = directory;
    this.spread = new SpreadMap<>(context.getSystem(), KEY);
  }

  static Behavior<Command> create(NodeDirectory directory) {
    return Behaviors.setup(
        context ->
            DistributedData.withReplicatorMessageAdapter(
                (ReplicatorMessageAdapter<Command, LWWMap<String, NodeCard>> adapter) -> {
                  adapter.subscribe(KEY, Spread::new);
                  return new NodeDirectoryFeed(context, directory);
                }));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Publish.class, this::onPublish)
        .onMessage(Forget.class, this::onForget)
        .onMessage(Spread.class, this::onSpread)
        .build();
  }

  private Behavior<Command> onPublish(Publish publish) {
    own = publish.own();
    write(publish.own());
    return this;
  }

  private Behavior<Command> onForget(Forget forget) {
    spread.remove(forget.node());
    return this;
  }

  private Behavior<Command> onSpread(Spread told) {
    if (told.response() instanceof Replicator.Changed<LWWMap<String, NodeCard>> changed) {
      directory.take(changed.dataValue().getEntries());
      NodeCard mine = own;
      if (mine != null && !mine.equals(directory.card(mine.node()))) {
        write(mine);
      }
    }
    return this;
  }

  private void write(NodeCard card) {
    spread.put(Map.of(card.node(), card));
  }
}
