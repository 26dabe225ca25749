package io.sampo.wire;

/**
 * The commands of the protocol, as numbers. That a code is listed does not mean that it is served:
 * see docs/status.md.
 */
public final class RequestCode {
  /** Sends one message, long field names. */
  public static final int SEND_MESSAGE = 10;

  /** Pulls messages of one queue, waiting for them if asked to. */
  public static final int PULL_MESSAGE = 11;

  /** Finds messages by key. */
  public static final int QUERY_MESSAGE = 12;

  /** Asks for a group's committed offset of a queue. */
  public static final int QUERY_CONSUMER_OFFSET = 14;

  /** Commits a group's offset of a queue. */
  public static final int UPDATE_CONSUMER_OFFSET = 15;

  /** Makes or changes a topic. */
  public static final int UPDATE_AND_CREATE_TOPIC = 17;

  /** Makes or changes topics. */
  public static final int UPDATE_AND_CREATE_TOPIC_LIST = 18;

  /** All topics of a broker. */
  public static final int GET_ALL_TOPIC_CONFIG = 21;

  /** Changes settings. */
  public static final int UPDATE_BROKER_CONFIG = 25;

  /** All settings. */
  public static final int GET_BROKER_CONFIG = 26;

  /** What a broker says of itself, as a table. */
  public static final int GET_BROKER_RUNTIME_INFO = 28;

  /** The offset of a queue at a time. */
  public static final int SEARCH_OFFSET_BY_TIMESTAMP = 29;

  /** The offset that the next message of a queue will get. */
  public static final int GET_MAX_OFFSET = 30;

  /** The offset of the oldest message of a queue. */
  public static final int GET_MIN_OFFSET = 31;

  /** When the oldest message of a queue was stored. */
  public static final int GET_EARLIEST_MSG_STORETIME = 32;

  /** One message by its physical offset. */
  public static final int VIEW_MESSAGE_BY_ID = 33;

  /** A client says which groups it belongs to. The response's version counts. */
  public static final int HEART_BEAT = 34;

  /** A client leaves its groups. */
  public static final int UNREGISTER_CLIENT = 35;

  /** A consumer gives a message back for a later attempt. */
  public static final int CONSUMER_SEND_MSG_BACK = 36;

  /** Commits or rolls back a half message. */
  public static final int END_TRANSACTION = 37;

  /** The client ids of a consumer group. */
  public static final int GET_CONSUMER_LIST_BY_GROUP = 38;

  /** To a producer: what became of a transaction? */
  public static final int CHECK_TRANSACTION_STATE = 39;

  /** To a consumer, one-way: the members of a group have changed. */
  public static final int NOTIFY_CONSUMER_IDS_CHANGED = 40;

  /** Locks queues for orderly consumption. */
  public static final int LOCK_BATCH_MQ = 41;

  /** Gives such locks up. */
  public static final int UNLOCK_BATCH_MQ = 42;

  /** All committed offsets. */
  public static final int GET_ALL_CONSUMER_OFFSET = 43;

  /** How far the delay levels are. */
  public static final int GET_ALL_DELAY_OFFSET = 45;

  /** Checks a subscription that is not by tag. */
  public static final int CHECK_CLIENT_CONFIG = 46;

  /** Stores a name-server setting. */
  public static final int PUT_KV_CONFIG = 100;

  /** Reads a name-server setting. */
  public static final int GET_KV_CONFIG = 101;

  /** Deletes a name-server setting. */
  public static final int DELETE_KV_CONFIG = 102;

  /** Where the queues of a topic are. */
  public static final int GET_ROUTEINFO_BY_TOPIC = 105;

  /** All brokers by cluster. */
  public static final int GET_BROKER_CLUSTER_INFO = 106;

  /** Makes or changes a consumer group. */
  public static final int UPDATE_AND_CREATE_SUBSCRIPTIONGROUP = 200;

  /** All consumer groups of a broker. */
  public static final int GET_ALL_SUBSCRIPTIONGROUP_CONFIG = 201;

  /** The offsets of a topic's queues. */
  public static final int GET_TOPIC_STATS_INFO = 202;

  /** Who consumes in a group. */
  public static final int GET_CONSUMER_CONNECTION_LIST = 203;

  /** Who produces in a group. */
  public static final int GET_PRODUCER_CONNECTION_LIST = 204;

  /** Takes the write permission from a broker's queues. */
  public static final int WIPE_WRITE_PERM_OF_BROKER = 205;

  /** The names of all topics. */
  public static final int GET_ALL_TOPIC_LIST_FROM_NAMESERVER = 206;

  /** Deletes a consumer group. */
  public static final int DELETE_SUBSCRIPTIONGROUP = 207;

  /** How far a group is. */
  public static final int GET_CONSUME_STATS = 208;

  /** Deletes a topic. */
  public static final int DELETE_TOPIC_IN_BROKER = 215;

  /** Deletes a topic's route. */
  public static final int DELETE_TOPIC_IN_NAMESRV = 216;

  /** Publishes a topic's route. */
  public static final int REGISTER_TOPIC_IN_NAMESRV = 217;

  /** Name-server settings of one kind. */
  public static final int GET_KVLIST_BY_NAMESPACE = 219;

  /** To a consumer, one-way: go on at these offsets. */
  public static final int RESET_CONSUMER_CLIENT_OFFSET = 220;

  /** To a consumer: how far are you? */
  public static final int GET_CONSUMER_STATUS_FROM_CLIENT = 221;

  /** Resets a group to a time. */
  public static final int INVOKE_BROKER_TO_RESET_OFFSET = 222;

  /** Asks a group's members how far they are. */
  public static final int INVOKE_BROKER_TO_GET_CONSUMER_STATUS = 223;

  /** The topics of a cluster. */
  public static final int GET_TOPICS_BY_CLUSTER = 224;

  /** Makes or changes consumer groups. */
  public static final int UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST = 225;

  /** The groups that consume a topic. */
  public static final int QUERY_TOPIC_CONSUME_BY_WHO = 300;

  /** From when the messages are that a group consumes. */
  public static final int QUERY_CONSUME_TIME_SPAN = 303;

  /** The system topics, from a name server. */
  public static final int GET_SYSTEM_TOPIC_LIST_FROM_NS = 304;

  /** The system topics, from a broker. */
  public static final int GET_SYSTEM_TOPIC_LIST_FROM_BROKER = 305;

  /** Deletes index files that have outlived their messages. */
  public static final int CLEAN_EXPIRED_CONSUMEQUEUE = 306;

  /** What a consumer says of itself. */
  public static final int GET_CONSUMER_RUNNING_INFO = 307;

  /** The smallest offsets of several groups. */
  public static final int QUERY_CORRECTION_OFFSET = 308;

  /** Has one consumer consume one message. */
  public static final int CONSUME_MESSAGE_DIRECTLY = 309;

  /** Sends one message, short field names. */
  public static final int SEND_MESSAGE_V2 = 310;

  /** Topics of units. */
  public static final int GET_UNIT_TOPIC_LIST = 311;

  /** Topics with consumers of units. */
  public static final int GET_HAS_UNIT_SUB_TOPIC_LIST = 312;

  /** Topics without units that have such consumers. */
  public static final int GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST = 313;

  /** Copies the offsets of a group to another. */
  public static final int CLONE_GROUP_OFFSET = 314;

  /** One counter of a broker. */
  public static final int VIEW_BROKER_STATS_DATA = 315;

  /** Deletes index files of deleted topics. */
  public static final int CLEAN_UNUSED_TOPIC = 316;

  /** How far all groups are. */
  public static final int GET_BROKER_CONSUME_STATS = 317;

  /** Changes a name server's settings. */
  public static final int UPDATE_NAMESRV_CONFIG = 318;

  /** A name server's settings. */
  public static final int GET_NAMESRV_CONFIG = 319;

  /** Sends a batch, short field names. */
  public static final int SEND_BATCH_MESSAGE = 320;

  /** Shows the index of a queue. */
  public static final int QUERY_CONSUME_QUEUE = 321;

  /** Asks again after a half message that was given up. */
  public static final int RESUME_CHECK_HALF_MESSAGE = 323;

  /** Answers a request message, long field names. */
  public static final int SEND_REPLY_MESSAGE = 324;

  /** Answers a request message, short field names. */
  public static final int SEND_REPLY_MESSAGE_V2 = 325;

  /** To a producer: the answer to its request message. */
  public static final int PUSH_REPLY_MESSAGE_TO_CLIENT = 326;

  /** Gives a broker's queues their write permission back. */
  public static final int ADD_WRITE_PERM_OF_BROKER = 327;

  /** All producers. */
  public static final int GET_ALL_PRODUCER_INFO = 328;

  /** Deletes log segments that are past their time. */
  public static final int DELETE_EXPIRED_COMMITLOG = 329;

  /** The topics that a group consumes. */
  public static final int QUERY_TOPICS_BY_CONSUMER = 343;

  /** A group's subscription to a topic. */
  public static final int QUERY_SUBSCRIPTION_BY_CONSUMER = 345;

  /** One topic. */
  public static final int GET_TOPIC_CONFIG = 351;

  /** One consumer group. */
  public static final int GET_SUBSCRIPTIONGROUP_CONFIG = 352;

  /** Forbids or allows a group to read a topic. */
  public static final int UPDATE_AND_GET_GROUP_FORBIDDEN = 353;

  /** As PULL_MESSAGE, from lite pull consumers of 5.x. */
  public static final int LITE_PULL_MESSAGE = 361;

  /** Cancels a delayed message. */
  public static final int RECALL_MESSAGE = 370;

  /** Which queues a consumer is to consume, and how. */
  public static final int QUERY_ASSIGNMENT = 400;

  /** Switches a group between pull and pop. */
  public static final int SET_MESSAGE_REQUEST_MODE = 401;

  /** The addresses of one broker name. */
  public static final int GET_BROKER_MEMBER_GROUP = 901;

  /** Pops messages; JSON codec only, as all pop commands. */
  public static final int POP_MESSAGE = 200050;

  /** Acknowledges a popped message. */
  public static final int ACK_MESSAGE = 200051;

  /** Looks at messages without popping them. */
  public static final int PEEK_MESSAGE = 200052;

  /** Changes when a popped message comes back. */
  public static final int CHANGE_MESSAGE_INVISIBLETIME = 200053;

  /** Is there something to pop? */
  public static final int NOTIFICATION = 200054;

  /** How many wait to pop. */
  public static final int POLLING_INFO = 200055;

  /** Acknowledges popped messages. */
  public static final int BATCH_ACK_MESSAGE = 200151;

  private RequestCode() {}
}
