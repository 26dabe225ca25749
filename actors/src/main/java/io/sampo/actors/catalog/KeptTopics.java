package io.sampo.actors.catalog;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * Which topics get no queues in log groups that are opened later: those that somebody relies on the
 * order of, since producers choose a key's queue among all there are; and all others, when it was
 * said so. They are given an attribute when they are put that says in how many log groups they are,
 * which an operator can raise or remove.
 *
 * @param logGroups how many there are now
 * @param never whether no topic may grow by itself
 */
public record KeptTopics(IntSupplier logGroups, boolean never) {
  /** Of a node that is a cluster by itself: no topic is kept. */
  public static final KeptTopics NONE = new KeptTopics(() -> 0, false);

  TopicConfig keep(TopicConfig topic) {
    int now = logGroups.getAsInt();
    if (now == 0
        || !topic.isEverywhere()
        || CatalogRules.isOfGroup(topic.name())
        || !(never || topic.isOrdered())) {
      return topic;
    }
    Map<String, String> attributes = new HashMap<>(topic.attributes());
    attributes.put(TopicConfig.LOG_GROUPS, Integer.toString(now));
    return topic.withAttributes(attributes);
  }
}
