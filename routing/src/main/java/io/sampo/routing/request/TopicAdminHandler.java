package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.Catalog.TopicGone;
import io.sampo.actors.catalog.Catalog.TopicReply;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.SystemTopics;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.routing.net.Exchange;
import io.sampo.routing.request.TopicAttributes.IllegalAttributesException;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.TopicConfigData;
import io.sampo.wire.body.TopicConfigTable;
import io.sampo.wire.body.TopicList;
import io.sampo.wire.header.CreateTopicRequestHeader;
import io.sampo.wire.header.TopicHeader;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Topics as tools manage them, on a broker's port: created and changed (17), deleted (215), shown
 * (351, 21, 305).
 *
 * <p>There is one catalog for all brokers. So whatever is told to one broker holds for all; tools
 * that tell each of them say the same thing several times, which changes nothing.
 */
final class TopicAdminHandler implements RequestHandler {
  private final Topics topics;
  private final Brokers brokers;

  TopicAdminHandler(Topics topics, Brokers brokers) {
    this.topics = topics;
    this.brokers = brokers;
  }

  private Set<String> systemTopics() {
    return SystemTopics.of(brokers.clusterName(), brokers.logGroups()).keySet();
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    switch (command.code()) {
      case RequestCode.UPDATE_AND_CREATE_TOPIC ->
          put(session.begin(command), CreateTopicRequestHeader.read(command.fields()));
      case RequestCode.DELETE_TOPIC_IN_BROKER ->
          delete(session.begin(command), TopicHeader.read(command.fields()).topic());
      case RequestCode.GET_TOPIC_CONFIG ->
          show(session.begin(command), TopicHeader.read(command.fields()).topic());
      case RequestCode.GET_ALL_TOPIC_CONFIG -> showAll(session.begin(command));
      case RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_BROKER -> listSystem(session.begin(command));
      default -> throw new IllegalArgumentException("not about topics: " + command.code());
    }
  }

  private void put(Exchange request, CreateTopicRequestHeader header) {
    String problem = problem(header.topic());
    if (problem == null && !header.filterType().equals(TopicConfigData.SINGLE_TAG)) {
      problem = "the filter type must be SINGLE_TAG, was " + header.filterType();
    }
    TopicAttributes attributes = null;
    if (problem == null) {
      try {
        attributes = TopicAttributes.parse(header.attributes());
      } catch (IllegalAttributesException e) {
        problem = String.valueOf(e.getMessage());
      }
    }
    if (attributes == null) {
      request.answer(ResponseCode.INVALID_PARAMETER, problem);
      return;
    }
    TopicConfig topic =
        new TopicConfig(
            header.topic(),
            header.readQueues(),
            header.writeQueues(),
            header.perm(),
            header.sysFlag(),
            header.order(),
            attributes.set());
    topics.put(topic, attributes.removed(), reply -> done(request, reply));
  }

  private void delete(Exchange request, String name) {
    String problem = problem(name);
    if (problem != null) {
      request.answer(ResponseCode.INVALID_PARAMETER, problem);
      return;
    }
    topics.delete(name, reply -> done(request, reply));
  }

  /** Why tools can't change a topic of this name, or null. */
  private @Nullable String problem(String name) {
    if (systemTopics().contains(name) || Names.isReserved(name)) {
      return name + " is a system topic";
    }
    return CatalogRules.topicNameRefusal(name);
  }

  private static void done(Exchange request, @Nullable TopicReply reply) {
    if (reply instanceof TopicFound || reply instanceof TopicGone) {
      request.answer(CommandHeader.NONE);
    } else if (reply instanceof CatalogRefused refused) {
      request.answer(ResponseCode.INVALID_PARAMETER, refused.reason());
    } else {
      request.answer(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
    }
  }

  private void show(Exchange request, String name) {
    TopicConfig known = topics.known(name);
    if (known != null) {
      show(request, known);
    } else if (CatalogRules.topicNameRefusal(name) != null) {
      missing(request, name);
    } else {
      topics.lookUp(name, reply -> onLookedUp(request, name, reply));
    }
  }

  /** Tools go on without the topic on TOPIC_NOT_EXIST, and give up on everything else. */
  private static void onLookedUp(Exchange request, String name, @Nullable TopicReply reply) {
    if (reply instanceof TopicFound found) {
      show(request, found.topic());
    } else if (reply == null) {
      request.answer(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
    } else {
      missing(request, name);
    }
  }

  private static void show(Exchange request, TopicConfig topic) {
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(data(topic).toJson()));
  }

  private static void missing(Exchange request, String name) {
    request.answer(ResponseCode.TOPIC_NOT_EXIST, "the topic " + name + " does not exist");
  }

  private void showAll(Exchange request) {
    List<TopicConfigData> all =
        topics.all().stream()
            .map(TopicAdminHandler::data)
            .sorted(Comparator.comparing(TopicConfigData::name))
            .toList();
    byte[] body = new TopicConfigTable(topics.revision(), all).toJson();
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(body));
  }

  private void listSystem(Exchange request) {
    byte[] body = new TopicList(List.copyOf(new TreeSet<>(systemTopics())), null).toJson();
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(body));
  }

  private static TopicConfigData data(TopicConfig topic) {
    return new TopicConfigData(
        topic.name(),
        topic.readQueues(),
        topic.writeQueues(),
        topic.permissions(),
        TopicConfigData.SINGLE_TAG,
        topic.sysFlag(),
        topic.ordered(),
        topic.attributes());
  }
}
