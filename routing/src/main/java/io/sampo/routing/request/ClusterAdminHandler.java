package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.Catalog.TopicReply;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.ClusterData;
import io.sampo.wire.body.TopicList;
import io.sampo.wire.header.ClusterHeader;
import io.sampo.wire.header.TopicHeader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tools ask a name server about the cluster: its brokers (106) and topics (206, 224, 304), and
 * to forget a topic's route (216).
 *
 * <p>A topic has its route from the catalog alone. So one that was deleted at a broker, as tools do
 * first, has none any more and there is nothing left to do; a topic that exists can't lose only its
 * route.
 */
final class ClusterAdminHandler implements RequestHandler {
  private final Topics topics;
  private final Brokers brokers;
  private final BrokerRoutes routes;

  ClusterAdminHandler(Topics topics, Brokers brokers, BrokerRoutes routes) {
    this.topics = topics;
    this.brokers = brokers;
    this.routes = routes;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    switch (command.code()) {
      case RequestCode.GET_BROKER_CLUSTER_INFO ->
          answer(session.begin(command), new ClusterData(routes.brokers()).toJson());
      case RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER ->
          answer(session.begin(command), new TopicList(allTopics(), null).toJson());
      case RequestCode.GET_TOPICS_BY_CLUSTER -> topicsOf(session, command);
      case RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS -> systemTopics(session.begin(command));
      case RequestCode.DELETE_TOPIC_IN_NAMESRV ->
          forget(session.begin(command), TopicHeader.read(command.fields()).topic());
      default -> throw new IllegalArgumentException("not about the cluster: " + command.code());
    }
  }

  private void topicsOf(ClientSession session, RemotingCommand command) {
    String cluster = ClusterHeader.read(command.fields()).cluster();
    List<String> names = cluster.equals(brokers.clusterName()) ? allTopics() : List.of();
    answer(session.begin(command), new TopicList(names, null).toJson());
  }

  private List<String> allTopics() {
    return topics.all().stream().map(TopicConfig::name).sorted().toList();
  }

  /** The topics that a name server knows of; the broker is then asked for its own. */
  private void systemTopics(Exchange request) {
    List<String> names = new ArrayList<>();
    names.add(brokers.clusterName());
    names.addAll(brokers.logGroups());
    answer(request, new TopicList(names, brokers.brokers().get(0).address()).toJson());
  }

  private void forget(Exchange request, String name) {
    if (CatalogRules.topicNameRefusal(name) != null) {
      request.answer(CommandHeader.NONE); // there never was one
      return;
    }
    topics.lookUp(name, reply -> onLookedUp(request, name, reply));
  }

  private static void onLookedUp(Exchange request, String name, @Nullable TopicReply reply) {
    if (reply instanceof TopicFound) {
      request.answer(
          ResponseCode.INVALID_PARAMETER,
          "the topic " + name + " exists; it has a route until it is deleted at a broker");
    } else if (reply == null) {
      request.answer(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
    } else {
      request.answer(CommandHeader.NONE);
    }
  }

  private static void answer(Exchange request, byte[] body) {
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(body));
  }
}
