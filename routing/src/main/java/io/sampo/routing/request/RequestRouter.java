package io.sampo.routing.request;

import io.sampo.actors.transaction.Producers;
import io.sampo.routing.net.ClientConnection;
import io.sampo.routing.net.PortRole;
import io.sampo.routing.net.Session;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;

/**
 * Which handler carries out which request. What has no handler is answered with
 * REQUEST_CODE_NOT_SUPPORTED. The name-server port stands for no log group: what is asked there is
 * asked nowhere else, but routes are answered on every port.
 */
final class RequestRouter implements Session.Factory {
  /** One per family of requests. */
  record Handlers(
      RequestHandler send,
      RequestHandler sendBack,
      RequestHandler pull,
      RequestHandler offset,
      RequestHandler route,
      RequestHandler heartbeat,
      RequestHandler lock,
      RequestHandler query,
      RequestHandler reset,
      RequestHandler reply,
      RequestHandler transaction,
      RequestHandler recall,
      RequestHandler forClient,
      Pops pops,
      Admin admin) {}

  /** What those ask who pop. */
  record Pops(RequestHandler pop, RequestHandler delivery, RequestHandler assignment) {}

  /** What tools ask. */
  record Admin(
      RequestHandler topic,
      RequestHandler group,
      RequestHandler cluster,
      RequestHandler connections,
      Figures figures,
      RequestHandler clientCall) {}

  /** How topics and groups are, and brokers. */
  record Figures(RequestHandler stats, RequestHandler status, RequestHandler settings) {}

  private final Handlers handlers;
  private final Relay relay;
  private final LeaderCache leaders;
  private final Producers producers;
  private final RequestHandler unsupported =
      (session, command) ->
          session
              .begin(command)
              .answer(
                  ResponseCode.REQUEST_CODE_NOT_SUPPORTED,
                  "request code "
                      + command.code()
                      + " is not supported on the "
                      + session.connection().role()
                      + " port");

  RequestRouter(Handlers handlers, Relay relay, LeaderCache leaders, Producers producers) {
    this.handlers = handlers;
    this.relay = relay;
    this.leaders = leaders;
    this.producers = producers;
  }

  @Override
  public ClientSession open(ClientConnection connection) {
    return new ClientSession(connection, this, leaders, producers);
  }

  /** What decides where a request is carried out. */
  Relay relay() {
    return relay;
  }

  RequestHandler handlerOf(PortRole role, int code) {
    if (code == RequestCode.GET_ROUTEINFO_BY_TOPIC) {
      return handlers.route();
    }
    if (role.logGroup() == null) {
      return nameServerHandlerOf(code);
    }
    return switch (code) {
      case RequestCode.SEND_MESSAGE, RequestCode.SEND_MESSAGE_V2, RequestCode.SEND_BATCH_MESSAGE ->
          handlers.send();
      case RequestCode.CONSUMER_SEND_MSG_BACK -> handlers.sendBack();
      case RequestCode.PULL_MESSAGE, RequestCode.LITE_PULL_MESSAGE -> handlers.pull();
      case RequestCode.QUERY_CONSUMER_OFFSET,
          RequestCode.UPDATE_CONSUMER_OFFSET,
          RequestCode.SEARCH_OFFSET_BY_TIMESTAMP,
          RequestCode.GET_MAX_OFFSET,
          RequestCode.GET_MIN_OFFSET,
          RequestCode.GET_EARLIEST_MSG_STORETIME ->
          handlers.offset();
      case RequestCode.HEART_BEAT,
          RequestCode.UNREGISTER_CLIENT,
          RequestCode.GET_CONSUMER_LIST_BY_GROUP,
          RequestCode.CHECK_CLIENT_CONFIG ->
          handlers.heartbeat();
      case RequestCode.LOCK_BATCH_MQ, RequestCode.UNLOCK_BATCH_MQ -> handlers.lock();
      case RequestCode.QUERY_MESSAGE, RequestCode.VIEW_MESSAGE_BY_ID -> handlers.query();
      case RequestCode.END_TRANSACTION, RequestCode.RESUME_CHECK_HALF_MESSAGE ->
          handlers.transaction();
      case RequestCode.RECALL_MESSAGE -> handlers.recall();
      case ForClient.CODE -> handlers.forClient();
      case RequestCode.UPDATE_AND_CREATE_TOPIC,
          RequestCode.DELETE_TOPIC_IN_BROKER,
          RequestCode.GET_TOPIC_CONFIG,
          RequestCode.GET_ALL_TOPIC_CONFIG,
          RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_BROKER ->
          handlers.admin().topic();
      case RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
          RequestCode.DELETE_SUBSCRIPTIONGROUP,
          RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG,
          RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG ->
          handlers.admin().group();
      case RequestCode.GET_CONSUMER_CONNECTION_LIST,
          RequestCode.GET_PRODUCER_CONNECTION_LIST,
          RequestCode.GET_ALL_PRODUCER_INFO,
          RequestCode.QUERY_TOPIC_CONSUME_BY_WHO,
          RequestCode.QUERY_TOPICS_BY_CONSUMER,
          RequestCode.QUERY_SUBSCRIPTION_BY_CONSUMER ->
          handlers.admin().connections();
      case RequestCode.GET_BROKER_RUNTIME_INFO -> handlers.admin().figures().status();
      case RequestCode.GET_BROKER_CONFIG -> handlers.admin().figures().settings();
      case RequestCode.GET_TOPIC_STATS_INFO, RequestCode.GET_CONSUME_STATS ->
          handlers.admin().figures().stats();
      case RequestCode.GET_CONSUMER_RUNNING_INFO, RequestCode.CONSUME_MESSAGE_DIRECTLY ->
          handlers.admin().clientCall();
      case RequestCode.POP_MESSAGE, RequestCode.NOTIFICATION -> handlers.pops().pop();
      case RequestCode.ACK_MESSAGE,
          RequestCode.BATCH_ACK_MESSAGE,
          RequestCode.CHANGE_MESSAGE_INVISIBLETIME ->
          handlers.pops().delivery();
      case RequestCode.QUERY_ASSIGNMENT, RequestCode.SET_MESSAGE_REQUEST_MODE ->
          handlers.pops().assignment();
      case RequestCode.INVOKE_BROKER_TO_RESET_OFFSET -> handlers.reset();
      case RequestCode.SEND_REPLY_MESSAGE, RequestCode.SEND_REPLY_MESSAGE_V2 -> handlers.reply();
      default -> unsupported;
    };
  }

  private RequestHandler nameServerHandlerOf(int code) {
    return switch (code) {
      case RequestCode.GET_BROKER_CLUSTER_INFO,
          RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER,
          RequestCode.GET_TOPICS_BY_CLUSTER,
          RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS,
          RequestCode.DELETE_TOPIC_IN_NAMESRV ->
          handlers.admin().cluster();
      default -> unsupported;
    };
  }
}
