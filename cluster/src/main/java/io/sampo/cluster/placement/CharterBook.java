package io.sampo.cluster.placement;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.jspecify.annotations.Nullable;

/**
 * The node's copy of the cluster's founding document and of its {@link Charter}: which log groups
 * there are. Read by any thread without waiting; fed by the {@link CharterFeed} alone, which has
 * written to the disk what it gives here. Log groups only ever come to it, at the end.
 */
public final class CharterBook {
  /** Both in one look. */
  private record Page(Charter charter, ClusterPlan plan, List<String> logGroupNames) {
    Page(Charter charter, ClusterPlan plan) {
      this(charter, plan, plan.logGroupNames());
    }
  }

  private final ClusterPlan founding;
  private final List<Consumer<ClusterPlan>> listeners = new CopyOnWriteArrayList<>();
  private volatile Page page;

  /** A book that stays as it is. */
  public CharterBook(ClusterPlan founding, Charter charter) {
    this.founding = founding;
    this.page = new Page(charter, charter.planOf(founding));
  }

  /**
   * Of a node that is a cluster by itself, which has no charter: its settings may give it more log
   * groups than it was founded with.
   *
   * @param founded how many of the plan's are those of the founding
   */
  public static CharterBook ofNodeAlone(ClusterPlan plan, int founded) {
    List<LogGroupPlan> all = plan.logGroups();
    return new CharterBook(
        new ClusterPlan(plan.clusterId(), all.subList(0, founded)),
        new Charter(0, all.subList(founded, all.size()), Set.of(), null));
  }

  /** Starts the node's copy, with an actor under the given one that feeds it. Once per node. */
  public static CharterBook start(ActorContext<?> context, ClusterPlan founding, CharterFile file) {
    CharterBook book = new CharterBook(founding, file.charter());
    context.spawn(CharterFeed.create(book, file), "charter-feed", CharterFeed.dispatcher());
    return book;
  }

  /** The cluster as it was founded; it never changes. */
  public ClusterPlan founding() {
    return founding;
  }

  /** The cluster as it is now. */
  public ClusterPlan plan() {
    return page.plan();
  }

  /** The names of all log groups, in their order. */
  public List<String> logGroupNames() {
    return page.logGroupNames();
  }

  /** The settings that the cluster goes by; null when nothing was agreed yet. */
  public @Nullable CommonSettings settings() {
    return page.charter().settings();
  }

  Charter charter() {
    return page.charter();
  }

  /**
   * Adds what is told of the plan after each change of the charter, on the feed's thread; it must
   * not block. What is known already it reads by itself.
   */
  public void addListener(Consumer<ClusterPlan> listener) {
    listeners.add(listener);
  }

  /** Feed's thread. */
  void take(Charter newer) {
    ClusterPlan plan = newer.planOf(founding);
    page = new Page(newer, plan);
    listeners.forEach(listener -> listener.accept(plan));
  }
}
