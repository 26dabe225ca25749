package io.sampo.actors.transaction;

import io.sampo.actors.transaction.ProducerLink.TransactionCheck;
import io.sampo.cluster.replication.ReplyTo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The producers that are connected to this node, by their groups, so that any living one of a group
 * can be asked about a transaction; and the way to those of other nodes. Kept from heartbeats and
 * half messages; a connection leaves its groups when it closes. Any thread.
 */
public final class Producers {
  /** The links of one group; replaced with each change. */
  private record Group(List<ProducerLink> links, AtomicInteger turn) {}

  private final ConcurrentMap<String, Group> groups = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final int producersMax;
  private volatile @Nullable Elsewhere elsewhere;

  /**
   * @param producersMax how many may be known at a time; a connection counts once for each of its
   *     groups
   */
  public Producers(int producersMax) {
    this.producersMax = producersMax;
  }

  /**
   * A connection produces for a group; call once, followed by {@link #leave}.
   *
   * @return false when there are too many, so that this one is never asked
   */
  public boolean join(String group, ProducerLink link) {
    if (count.incrementAndGet() > producersMax) {
      count.decrementAndGet();
      return false;
    }
    groups.compute(
        group,
        (name, before) -> {
          if (before == null) {
            return new Group(List.of(link), new AtomicInteger());
          }
          List<ProducerLink> links = new ArrayList<>(before.links().size() + 1);
          links.addAll(before.links());
          links.add(link);
          return new Group(links, before.turn());
        });
    return true;
  }

  /** A connection that joined doesn't produce for the group any more. */
  public void leave(String group, ProducerLink link) {
    groups.computeIfPresent(
        group,
        (name, before) -> {
          List<ProducerLink> links = new ArrayList<>(before.links());
          if (!links.remove(link)) {
            return before;
          }
          count.decrementAndGet();
          return links.isEmpty() ? null : new Group(links, before.turn());
        });
  }

  /** Asks producers that are connected to other nodes. */
  public interface Elsewhere {
    /**
     * Asks one of a group; see {@link ProducerLink#check}.
     *
     * @param logGroup whose port it had best be connected to
     */
    void check(String group, String logGroup, TransactionCheck check, ReplyTo<Boolean> written);
  }

  /** From now on those count, too, for groups of which nobody is connected here. */
  public void others(Elsewhere others) {
    elsewhere = others;
  }

  /** A way to the producers of a group on other nodes; null when there are no other nodes. */
  public @Nullable ProducerLink elsewhere(String group, String logGroup) {
    Elsewhere others = elsewhere;
    return others == null ? null : new LinkElsewhere(others, group, logGroup);
  }

  private record LinkElsewhere(Elsewhere others, String group, String logGroup)
      implements ProducerLink {
    @Override
    public void check(TransactionCheck check, ReplyTo<Boolean> written) {
      others.check(group, logGroup, check, written);
    }
  }

  /**
   * The producer of a group whose turn it is; null when none is connected to this node. Those that
   * are connected to the log group itself come first, because old clients send their answer to
   * where the question came from.
   */
  public @Nullable ProducerLink here(String group, String logGroup) {
    Group found = groups.get(group);
    if (found == null) {
      return null;
    }
    List<ProducerLink> links = found.links();
    int start = Math.floorMod(found.turn().getAndIncrement(), links.size());
    for (int i = 0; i < links.size(); i++) {
      ProducerLink link = links.get((start + i) % links.size());
      if (link.logGroup().equals(logGroup)) {
        return link;
      }
    }
    return links.get(start);
  }
}
