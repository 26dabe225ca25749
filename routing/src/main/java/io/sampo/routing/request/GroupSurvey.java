package io.sampo.routing.request;

import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.GroupInsight.GetTopics;
import io.sampo.actors.consumer.GroupInsight.Topics;
import io.sampo.actors.consumer.GroupInsight.TopicsReply;
import io.sampo.routing.net.Exchange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks all groups whether they consume a topic, a few at a time: a group that was idle reads its
 * journal first. One that can't be asked has the whole request refused, since a list that lacks a
 * group looks like a true one. Any thread; ends early once the request is answered.
 */
final class GroupSurvey {
  private static final int UNDER_WAY_MAX = 16;

  private final LeaderCache leaders;
  private final Exchange request;
  private final String topic;
  private final Consumer<List<String>> receiver;
  private final Queue<String> toAsk = new ArrayDeque<>();
  private final List<String> found = new ArrayList<>();
  private int underWay;

  /**
   * @param receiver gets the groups that consume the topic, sorted
   */
  GroupSurvey(
      LeaderCache leaders, Exchange request, String topic, Consumer<List<String>> receiver) {
    this.leaders = leaders;
    this.request = request;
    this.topic = topic;
    this.receiver = receiver;
  }

  /** Begins. Call once. */
  void ask(List<String> groups) {
    synchronized (this) {
      toAsk.addAll(groups);
    }
    goOn();
  }

  private void goOn() {
    while (true) {
      String group;
      synchronized (this) {
        if (toAsk.isEmpty() || underWay >= UNDER_WAY_MAX || request.isAnswered()) {
          break;
        }
        group = toAsk.remove();
        underWay++;
      }
      leaders.tellGroup(group, new GetTopics(reply -> onReply(group, reply)));
    }
    List<String> all = allIfDone();
    if (all != null) {
      receiver.accept(all);
    }
  }

  private synchronized @Nullable List<String> allIfDone() {
    if (!toAsk.isEmpty() || underWay != 0) {
      return null;
    }
    underWay = -1; // so that only one sees the end
    Collections.sort(found);
    return List.copyOf(found);
  }

  private void onReply(String group, TopicsReply reply) {
    synchronized (this) {
      underWay--;
      if (reply instanceof Topics topics && topics.names().contains(topic)) {
        found.add(group);
      }
    }
    if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    }
    goOn();
  }
}
