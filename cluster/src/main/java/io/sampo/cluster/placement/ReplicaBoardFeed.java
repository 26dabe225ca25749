package io.sampo.cluster.placement;

import java.util.HashMap;
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
 * Keeps a {@link ReplicaBoard} as Distributed Data has it, and what this node says of its replicas
 * in Distributed Data as this node wants it. One actor per node.
 */
final class ReplicaBoardFeed extends AbstractBehavior<ReplicaBoardFeed.Command> {
  private static final Key<LWWMap<String, BoardNote>> KEY = LWWMapKey.create("sampo-replicas");

  /** Notes about nodes and those about log groups may have the same names. */
  private static final String OF_NODE = "node/";

  private static final String OF_LOG_GROUP = "log-group/";

  /** What it is told. */
  sealed interface Command {}

  /** Writes what this node has. */
  record Publish(NodeReplicas own) implements Command {}

  /** Writes where voters should be. */
  record Want(Map<String, ReplicaBoard.Wanted> changed) implements Command {}

  private record Spread(Replicator.SubscribeResponse<LWWMap<String, BoardNote>> response)
      implements Command {}

  private final ReplicaBoard board;
  private final SpreadMap<BoardNote> spread;
  private @Nullable NodeReplicas own;

  private ReplicaBoardFeed(ActorContext<Command> context, ReplicaBoard board) {
    super(context);
    this.board = board;
    this.spread = new SpreadMap<>(context.getSystem(), KEY);
  }

  static Behavior<Command> create(ReplicaBoard board) {
    return Behaviors.setup(
        context ->
            DistributedData.withReplicatorMessageAdapter(
                (ReplicatorMessageAdapter<Command, LWWMap<String, BoardNote>> adapter) -> {
                  adapter.subscribe(KEY, Spread::new);
                  return new ReplicaBoardFeed(context, board);
                }));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Publish.class, this::onPublish)
        .onMessage(Want.class, this::onWant)
        .onMessage(Spread.class, this::onSpread)
        .build();
  }

  private Behavior<Command> onPublish(Publish publish) {
    own = publish.own();
    write(publish.own());
    return this;
  }

  private Behavior<Command> onWant(Want want) {
    Map<String, BoardNote> notes = new HashMap<>();
    want.changed().forEach((logGroup, voters) -> notes.put(OF_LOG_GROUP + logGroup, voters));
    spread.put(notes);
    return this;
  }

  private Behavior<Command> onSpread(Spread told) {
    if (told.response() instanceof Replicator.Changed<LWWMap<String, BoardNote>> changed) {
      Map<String, NodeReplicas> nodes = new HashMap<>();
      Map<String, ReplicaBoard.Wanted> wanted = new HashMap<>();
      changed
          .dataValue()
          .getEntries()
          .forEach(
              (name, note) -> {
                if (note instanceof NodeReplicas replicas) {
                  nodes.put(replicas.node(), replicas);
                } else if (note instanceof ReplicaBoard.Wanted voters) {
                  wanted.put(name.substring(OF_LOG_GROUP.length()), voters);
                }
              });
      board.take(nodes, wanted);
      NodeReplicas mine = own;
      if (mine != null && !mine.equals(board.node(mine.node()))) {
        write(mine);
      }
    }
    return this;
  }

  private void write(NodeReplicas replicas) {
    spread.put(Map.of(OF_NODE + replicas.node(), replicas));
  }
}
