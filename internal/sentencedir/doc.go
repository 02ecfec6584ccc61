// Package sentencedir reads what a sentence-transformers directory says about an encoder, in
// everything but its weights:
//
//	config.json                         sizes and activation (of BERT or a model near to it)
//	modules.json                        a Transformer, a Pooling, Dense modules, and Normalize or not
//	1_Pooling/config.json               the way of pooling
//	2_Dense/config.json                 sizes and activation
//	sentence_bert_config.json           the length at which texts are cut, and their case
//	config_sentence_transformers.json   prompts
//	the files of the tokenizer
//
// What is missing has sentence-transformers' defaults. A directory that asks for something else is an error that names the
// file, the field, its value and what is supported.
package sentencedir
