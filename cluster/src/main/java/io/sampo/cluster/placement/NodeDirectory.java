package io.sampo.cluster.placement;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.jspecify.annotations.Nullable;

/**
 * The node's copy of all nodes' cards, spread by Distributed Data. Read by any thread without
 * waiting; fed by the {@link NodeDirectoryFeed} alone.
 *
 * <p>A card stays while its node is away, also when it was downed, and goes when the node left for
 * good ({@link #forget}). Each node's own card is the one that it published last, whatever others
 * remember of it.
 */
public final class NodeDirectory {
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Map<String, NodeCard> byNode = Map.of();
  private volatile Map<String, NodeCard> byAddress = Map.of();
  private volatile @Nullable ActorRef<NodeDirectoryFeed.Command> feed;

  NodeDirectory() {}

  /** Starts the node's copy, with an actor under the given one that feeds it. Once per node. */
  public static NodeDirectory start(ActorContext<?> context) {
    NodeDirectory directory = new NodeDirectory();
    directory.feed = context.spawn(NodeDirectoryFeed.create(directory), "node-directory");
    return directory;
  }

  /** The card of a node by its name; null when none has come. */
  public @Nullable NodeCard card(String node) {
    return byNode.get(node);
  }

  /** The card of the node at an address, as {@link NodeCard#clusterAddress()} has it, or null. */
  public @Nullable NodeCard cardAt(String clusterAddress) {
    return byAddress.get(clusterAddress);
  }

  /** All cards, in no order; unmodifiable. */
  public Collection<NodeCard> cards() {
    return byNode.values();
  }

  /** Adds what is run after each change, on the feed's thread; it must not block. */
  public void addListener(Runnable listener) {
    listeners.add(listener);
  }

  /** Tells all nodes of this one. A later card takes the place of an earlier one. */
  public void publish(NodeCard own) {
    tell(new NodeDirectoryFeed.Publish(own));
  }

  /** Takes a node's card away from all nodes: it left for good. */
  public void forget(String node) {
    tell(new NodeDirectoryFeed.Forget(node));
  }

  private void tell(NodeDirectoryFeed.Command command) {
    ActorRef<NodeDirectoryFeed.Command> actor = feed;
    if (actor == null) {
      throw new IllegalStateException("the directory was not started");
    }
    actor.tell(command);
  }

  /** Takes over all cards as they are now. Feed's thread. */
  void take(Map<String, NodeCard> cards) {
    if (!cards.equals(byNode)) {
      byNode = Map.copyOf(cards);
      byAddress =
          cards.values().stream()
              .collect(
                  Collectors.toUnmodifiableMap(
                      NodeCard::clusterAddress, card -> card, (one, other) -> other));
      listeners.forEach(Runnable::run);
    }
  }
}
