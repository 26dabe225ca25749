package io.sampo.cluster.placement;

import io.sampo.cluster.serialization.ControlMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster decided about itself since its founding: the log groups that were opened for nodes
 * which joined, which dead nodes are not waited for, and the settings that all go by. Kept by the
 * {@link CharterKeeper}, one decision after the other, so there is one charter and no two log
 * groups of one name. Never changed once made.
 *
 * @param revision how many decisions made it; of two charters of a cluster the one of the higher
 *     revision is newer, and the other is a beginning of it
 * @param opened in their order; they come after those of the founding
 * @param removed the nodes that were given up by an order
 * @param settings what the cluster goes by; null when nothing was agreed yet
 */
public record Charter(
    long revision,
    List<LogGroupPlan> opened,
    Set<String> removed,
    @Nullable CommonSettings settings)
    implements ControlMessage {
  /** Of a cluster that is as it was founded. */
  public static final Charter EMPTY = new Charter(0, List.of(), Set.of(), null);

  /** Each has a port on each node. */
  static final int LOG_GROUPS_MAX = 128;

  public Charter {
    opened = List.copyOf(opened);
    removed = Set.copyOf(removed);
  }

  /** The founding document with what was opened later. */
  public ClusterPlan planOf(ClusterPlan founding) {
    if (opened.isEmpty()) {
      return founding;
    }
    List<LogGroupPlan> all = new ArrayList<>(founding.logGroups());
    all.addAll(opened);
    return new ClusterPlan(founding.clusterId(), all);
  }

  /**
   * What comes of a wish to open a log group; null when its name isn't the next one, or there may
   * be no more. So of two who want one of the same name the first has decided.
   */
  @Nullable CharterEvent open(ClusterPlan founding, LogGroupPlan logGroup) {
    int count = founding.logGroups().size() + opened.size();
    return count < LOG_GROUPS_MAX && logGroup.name().equals(ClusterPlan.logGroupName(count))
        ? new CharterEvent.LogGroupOpened(logGroup)
        : null;
  }

  /** What comes of an order to give up a node, or of its return; null when nothing changes. */
  @Nullable CharterEvent remove(String node, boolean isRemoved) {
    return removed.contains(node) == isRemoved
        ? null
        : new CharterEvent.NodeRemoved(node, isRemoved);
  }

  /** What comes of a wish to go by other settings; null when nothing changes. */
  @Nullable CharterEvent agree(CommonSettings wanted) {
    return wanted.equals(settings) ? null : new CharterEvent.SettingsAgreed(wanted);
  }

  Charter apply(CharterEvent event) {
    if (event instanceof CharterEvent.LogGroupOpened open) {
      List<LogGroupPlan> more = new ArrayList<>(opened);
      more.add(open.logGroup());
      return new Charter(revision + 1, more, removed, settings);
    }
    if (event instanceof CharterEvent.SettingsAgreed agreed) {
      return new Charter(revision + 1, opened, removed, agreed.settings());
    }
    CharterEvent.NodeRemoved remove = (CharterEvent.NodeRemoved) event;
    Set<String> changed = new HashSet<>(removed);
    if (remove.isRemoved()) {
      changed.add(remove.node());
    } else {
      changed.remove(remove.node());
    }
    return new Charter(revision + 1, opened, changed, settings);
  }
}
